"""What annoys people: the reason of a bad review, from the option ticked first and from its words otherwise."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from nlp.keywords import distinctive
from nlp.resembling import Resembling

from .terms import Annoyance

#: texts of a group, and of all others, that are read for the words that tell it; words shown
MOST_TEXTS, TELLING = 300, 5
DATA = Path(__file__).parents[1] / "data"
#: log odds from which an example counts as resembled
CLEARLY = 2


@dataclass(frozen=True)
class _Sayings:
    """What tells one reason: words, and turns of phrase, which count twice."""

    words: tuple[str, ...]
    phrases: tuple[re.Pattern[str], ...]

    def found(self, text: str) -> int:
        return sum(word in text for word in self.words) + 2 * sum(bool(one.search(text)) for one in self.phrases)


@lru_cache(maxsize=1)
def _sayings() -> dict[str, _Sayings]:
    """By reason, in the order of `data/annoyance.toml`: earlier ones win ties."""
    return {
        reason: _Sayings(tuple(item["words"].split()), tuple(map(re.compile, item["phrases"])))
        for reason, item in _stored().items()
    }


def _stored() -> dict[str, Any]:
    return tomllib.loads((DATA / "annoyance.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _examples() -> Resembling:
    """Sentences written for this purpose, and the words of the list."""
    found = {reason: item["words"].split() for reason, item in _stored().items()}
    for line in (DATA / "annoyance_examples.tsv").read_text(encoding="utf-8").splitlines():
        reason, sentence = line.split("\t")
        found[reason].append(sentence)
    return Resembling(found)


def of(remark: str, options: Sequence[str] = ()) -> str:
    """The reason's code: the option ticked, else what the words say, else the example they resemble; `other` when
    nothing tells."""
    for code in options:
        if code in Annoyance.values:
            return str(code)
    found = {reason: sayings.found(remark) for reason, sayings in _sayings().items()}
    best = max(found, key=lambda reason: found[reason])
    if found[best]:
        return best
    alike, odds = _examples().best(remark)
    return alike if odds > CLEARLY else str(Annoyance.OTHER)


@dataclass(frozen=True)
class Group:
    """Bad reviews of one reason, unit and category: how many, and the words that tell their texts from the others'."""

    key: tuple[str, ...]
    n: int
    words: tuple[str, ...] = ()


def groups(rows: Iterable[tuple[tuple[str, ...], str]], top: int) -> list[Group]:
    """The `top` largest groups of (key, remark), most first. A word of a single text tells nothing and is not shown."""
    remarks: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for key, remark in rows:
        remarks[key].append(remark)
    largest = sorted(remarks, key=lambda key: (-len(remarks[key]), key))[:top]
    return [Group(key, len(remarks[key]), _telling(key, remarks)) for key in largest]


def _telling(key: tuple[str, ...], remarks: Mapping[tuple[str, ...], Sequence[str]]) -> tuple[str, ...]:
    inside = [text for text in remarks[key][:MOST_TEXTS] if text]
    if len(inside) < 2:
        return ()
    others = islice((text for other, texts in remarks.items() if other != key for text in texts if text), MOST_TEXTS)
    return tuple(word.word for word in distinctive(inside, others, TELLING))
