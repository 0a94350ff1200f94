"""From a question in a person's own words to the terms that entries are written in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from ticketing.search import engines
from ticketing.search.text import normalise, words

from . import elsewhere, lists, matters

GAP = ".{0,6}?"  # what "…" stands for in a saying
#: how much a kind of word says about what is asked, by the first letter of jieba's mark: nouns and names most, times,
#: numbers, pronouns, adverbs and particles nothing
_KINDS = {"n": 1.0, "j": 1.0, "v": 0.6, "i": 0.6, "l": 0.6, "b": 0.6, "a": 0.5, "s": 0.4} | dict.fromkeys(
    "tmqrdpcuyoxfehkz", 0.0
)
_OTHER = 0.7
#: a saying was written down for what it means; a word stands in a question by chance
_SAID = 1.6
#: the strongest matter recognised, next to that
_MATTER = 2.0
#: beside a recognised matter the other words are circumstances
_CIRCUMSTANCE = 0.5


@dataclass(frozen=True, slots=True)
class Term:
    """Something looked for: any of `same` is as good. `weight` is how much it says, before rarity.

    `matter`: the official words of a recognised matter; more of them cover it better. `bonus`: a word that helped to
    name a matter speaks for an entry that has it, and not against one that has it not.
    """

    same: tuple[str, ...]
    weight: float = 1.0
    matter: bool = False
    bonus: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What was understood. `foreign`: no matter of a hotline; `elsewhere`: the rules of another place are asked for."""

    terms: tuple[Term, ...]
    foreign: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Sayings:
    """Each saying as an expression, with the terms it stands for."""

    known: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]


@cache
def asking_words() -> frozenset[str]:
    """Words of asking, which say nothing about what is asked."""
    return lists.shipped_words("asking.txt")


def sayings() -> Sayings:
    """The edited file, or the shipped one."""
    return _read(*lists.edited("sayings.txt"))


@lru_cache(maxsize=4)
def _read(path: Path, _: int) -> Sayings:
    return read_sayings(path.read_text(encoding="utf-8"))


def read_sayings(text: str) -> Sayings:
    """`a b…c = x y` per line; a line without "=" says nothing."""
    known: list[tuple[re.Pattern[str], tuple[str, ...]]] = []
    for line in text.splitlines():
        said, sign, meant = normalise(line.split("#", 1)[0]).partition("=")
        for saying in said.split() if sign else ():
            pattern = GAP.join(map(re.escape, saying.split("…")))
            known.append((re.compile(pattern), tuple(meant.split())))
    return Sayings(tuple(known))


def understand(text: str) -> Question:
    """The matters of a question, what its sayings stand for, and its other telling words."""
    typed = normalise(text)[:1000]
    table = matters.table()
    heard = table.heard(typed) or table.sounding(typed) or table.resembling(typed)
    known = [one for one in heard if not one.foreign]
    found: dict[str, Term] = {}
    rest = _take_sayings(typed, found)
    said = [word for one in known for word in one.said]
    if known:
        found = {word: replace(term, bonus=True) for word, term in found.items()}
    for word, weight in _telling(rest).items():
        if not any(word in term.same for term in found.values()):
            explained = any(word in one or one in word for one in said)
            amount = weight * (_CIRCUMSTANCE if known else 1.0)
            found[word] = Term((word, *engines.synonyms().of(word)), amount, bonus=explained)
    # further matters are other readings of the question: they speak for an entry, not against one
    named = [
        Term(one.matter.official, _MATTER * (one.strength / known[0].strength), matter=True, bonus=one is not known[0])
        for one in known
    ]
    foreign = bool(heard) and heard[0].foreign
    return Question((*named, *found.values()), foreign, elsewhere.asked_about(typed))


def terms(text: str) -> list[Term]:
    """The terms of a question alone."""
    return list(understand(text).terms)


def _take_sayings(typed: str, found: dict[str, Term]) -> str:
    """Puts the terms of each saying into `found`; returns the text without the sayings."""
    said = [False] * len(typed)
    for pattern, meant in sayings().known:
        match = pattern.search(typed)
        if match is None:
            continue
        said[match.start() : match.end()] = [True] * (match.end() - match.start())
        for place, term in enumerate(meant):
            # the saying itself is as good as the first term: entries may use it too
            itself = (match.group(),) if place == 0 and match.group() != term else ()
            before = found[term].same if term in found else (term,)
            found[term] = Term(tuple(dict.fromkeys((*before, *itself))), _SAID)
    return "".join(" " if covered else letter for letter, covered in zip(typed, said, strict=True))


def _telling(text: str) -> dict[str, float]:
    """The remaining words with their weights."""
    import rjieba  # its dictionary takes a tenth of a second, which no process needs that is never asked

    kinds = {str(word): str(kind) for word, kind in rjieba.tag(text)}
    weights = {word: _weight(word, kinds.get(word, "")) for word in words(text) if len(word) > 1}
    return {word: weight for word, weight in weights.items() if weight}


def _weight(word: str, kind: str) -> float:
    if word in asking_words():
        return 0.0
    return _KINDS.get(kind[:1], _OTHER)
