"""The word lists of kinds (`nlp/data/kinds.toml`): how strongly a text speaks the words of each kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlp.data import rules
from nlp.needs import Characters, needed

KINDS = ("consult", "help", "complaint", "report", "suggestion", "praise", "other")
_LEAD = 40
_LEAD_FACTOR = 1.5
_MOST_A_WORD = 2

_Words = tuple[float, Characters | None, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The sum of weights of the known words of a kind, and those words, weightiest first."""

    score: float
    words: tuple[str, ...]


@cache
def labels() -> dict[str, str]:
    """Chinese label by kind; a kind without words has its label in `nlp.kinds`."""
    return {name: entry["label"] for name, entry in rules("kinds.toml").items()}


@cache
def _table() -> dict[str, tuple[_Words, ...]]:
    """By kind its words: their weight, what a text with one of them cannot be without, and the words."""
    return {
        name: tuple(
            (float(weight), needed(words), re.compile(words))
            for weight, parts in entry["words"].items()
            for words in ("|".join(parts),)
        )
        for name, entry in rules("kinds.toml").items()
    }


def spoken(text: str) -> dict[str, Spoken]:
    """By kind what was found. What stands in the first words (title, opening) counts half as much again."""
    characters = frozenset(text)
    found: dict[str, Spoken] = {}
    for name, entries in _table().items():
        matches = [
            (weight * (_LEAD_FACTOR if match.start() < _LEAD else 1.0), match.group())
            for weight, needs, pattern in entries
            if needs is None or not needs.isdisjoint(characters)
            for match in list(pattern.finditer(text))[:_MOST_A_WORD]
        ]
        words = (word for _, word in sorted(matches, key=lambda pair: -pair[0]))
        found[name] = Spoken(sum(weight for weight, _ in matches), tuple(dict.fromkeys(words)))
    return found
