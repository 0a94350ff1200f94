"""What a caller wants (诉求类型): to ask, to be helped, to complain, to report, to suggest, to praise.

    >>> kind_of("请问办理居住证需要哪些材料？").kind
    'consult'

Words and weights stand in `nlp/data/kinds.toml`. The confidence is the softmax of the weights, held down while little
was found: one weak word is no certainty.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from nlp.data import rules
from nlp.needs import Characters, needed

Name = Literal["consult", "help", "complaint", "report", "suggestion", "praise", "other"]

_LEAD = 40
_LEAD_FACTOR = 1.5
_MOST_A_WORD = 2
_SURE_WEIGHT = 6.0


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind, its Chinese label, a confidence from 0 to 1, and the words that decided."""

    kind: Name
    label: str
    confidence: float
    words: tuple[str, ...]


_Words = tuple[float, Characters | None, re.Pattern[str]]


@cache
def _table() -> dict[str, tuple[str, tuple[_Words, ...]]]:
    """By kind its label and its words: their weight, what a text with one of them cannot be without, and the words."""
    return {
        name: (
            entry["label"],
            tuple(
                (float(weight), needed(words), re.compile(words))
                for weight, parts in entry["words"].items()
                for words in ("|".join(parts),)
            ),
        )
        for name, entry in rules("kinds.toml").items()
    }


def kind_of(text: str) -> Kind:
    """The kind of a report. What stands in the first words (title, opening) counts half as much again."""
    characters = frozenset(text)
    scores: dict[str, float] = {}
    words: dict[str, list[str]] = {}
    for name, (_, entries) in _table().items():
        found = [
            (weight * (_LEAD_FACTOR if match.start() < _LEAD else 1.0), match.group())
            for weight, needs, pattern in entries
            if needs is None or not needs.isdisjoint(characters)
            for match in list(pattern.finditer(text))[:_MOST_A_WORD]
        ]
        scores[name] = sum(weight for weight, _ in found)
        words[name] = [word for _, word in sorted(found, key=lambda pair: -pair[0])]
    best = max(scores, key=lambda name: scores[name])
    if scores[best] == 0:
        return Kind("other", "其他", 0.3, ())
    share = math.exp(scores[best] / 2) / sum(math.exp(score / 2) for score in scores.values())
    confidence = share * min(0.5 + scores[best] / (2 * _SURE_WEIGHT), 1.0)
    label = _table()[best][0]
    return Kind(cast(Name, best), label, round(confidence, 3), tuple(dict.fromkeys(words[best]))[:6])
