"""The words that tell a text, or a set of texts, from others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from nlp.segment import Segmenter, default_segmenter
from nlp.text import weight


@dataclass(frozen=True)
class Keyword:
    """A word, how strongly it tells (comparable within one answer only), and in how many texts it stands."""

    word: str
    score: float
    texts: int


def _content(text: str, segmenter: Segmenter) -> list[str]:
    return [word for word in segmenter.words(text) if len(word) > 1 and not word.isascii()]


def keywords(text: str, top: int = 10, *, segmenter: Segmenter | None = None) -> list[Keyword]:
    """The `top` words of one text by frequency and by rarity in general Chinese."""
    counts = Counter(_content(text, segmenter or default_segmenter()))
    total = max(sum(counts.values()), 1)
    found = [Keyword(word, times / total * weight(word), 1) for word, times in counts.items()]
    return sorted(found, key=lambda one: (-one.score, one.word))[:top]


def distinctive(
    texts: Iterable[str], background: Iterable[str], top: int = 20, *, segmenter: Segmenter | None = None
) -> list[Keyword]:
    """Words that stand in more of `texts` than the `background` lets expect, by log-likelihood ratio.

    Words that are rarer in `texts` than in the background are left out, and so are words of a single text. An empty
    background compares with nothing: then the commonest words come first.
    """
    segmenter = segmenter or default_segmenter()
    inside, number_inside = _texts_with(texts, segmenter)
    outside, number_outside = _texts_with(background, segmenter)
    found = [
        Keyword(word, _likelihood_ratio(times, number_inside, outside[word], number_outside), times)
        for word, times in inside.items()
        if times > 1 and times * number_outside >= outside[word] * number_inside
    ]
    return sorted(found, key=lambda one: (-one.score, -one.texts, one.word))[:top]


def _texts_with(texts: Iterable[str], segmenter: Segmenter) -> tuple[Counter[str], int]:
    counts: Counter[str] = Counter()
    number = 0
    for text in texts:
        counts.update(set(_content(text, segmenter)))
        number += 1
    return counts, number


def _likelihood_ratio(inside: int, all_inside: int, outside: int, all_outside: int) -> float:
    """Twice the log-likelihood gained by giving the two sets different shares of texts with the word (Dunning's G2)."""
    share = (inside + outside) / (all_inside + all_outside)
    return 2 * sum(
        part * math.log(part / expected)
        for part, expected in (
            (inside, all_inside * share),
            (outside, all_outside * share),
            (all_inside - inside, all_inside * (1 - share)),
            (all_outside - outside, all_outside * (1 - share)),
        )
        if part > 0 and expected > 0
    )
