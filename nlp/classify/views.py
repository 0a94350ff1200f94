"""The pieces of a text that a model counts: six views of the same words.

Titles and first sentences say what a complaint is about, so the first characters are a view of their own; the others
look at the whole text. `every` sees dictionary words inside longer ones, `chars` what no dictionary knows, and
`concepts` counts which subjects of the editable keyword lists a text touches: words that no past ticket had are known
through the subject they share with words that some had. `together` has two subjects that one text touches.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from nlp.classify.subjects import Subjects
from nlp.segment import Segmenter

#: Characters of a text that are read. Longer texts repeat themselves, and time must stay bounded.
MAX_LENGTH = 4000
LEAD = 28
#: Telephone and document numbers say nothing about the category and must not end up in a model.
_LONG_NUMBER = re.compile(r"\d{5,}")


@dataclass(frozen=True)
class View:
    """One kind of feature, in how many texts a piece must occur to be kept, and how much the view weighs."""

    name: str
    min_texts: int
    weight: float


VIEWS = (
    View("words", 2, 0.8),
    View("every", 2, 1.2),
    View("lead", 2, 0.8),
    View("chars", 3, 1.0),
    View("concepts", 2, 0.45),
    View("together", 2, 0.6),
)


def joined(text: str, title: str) -> str:
    """Title and text as one; a title that the text starts with is not said twice."""
    return text if not title or text.startswith(title) else f"{title} {text}"


def pieces(text: str, segmenter: Segmenter, subjects: Subjects) -> list[list[str]]:
    """Features of `text` for each of `VIEWS`, in order, repeated as often as they occur."""
    text = _LONG_NUMBER.sub("0", text[:MAX_LENGTH])
    plain = "".join(text.split())
    touched = subjects.touched(plain, LEAD)
    sources: dict[str, Callable[[], list[str]]] = {
        "words": lambda: _pairs(segmenter.words(text)),
        "every": lambda: _pairs(segmenter.every_word(text)),
        "lead": lambda: _grams(plain[:LEAD], 1, 3),
        "chars": lambda: _grams(plain, 2, 4),
        "concepts": touched.pieces,
        "together": touched.pairs,
    }
    return [sources[view.name]() for view in VIEWS]


def _pairs(words: list[str]) -> list[str]:
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def _grams(text: str, shortest: int, longest: int) -> list[str]:
    return [text[at : at + size] for size in range(shortest, longest + 1) for at in range(len(text) - size + 1)]
