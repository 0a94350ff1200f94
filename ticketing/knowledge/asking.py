"""From a question in a person's own words to the terms that entries are written in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ticketing.search import engines
from ticketing.search.text import normalise, words

from . import elsewhere, lists, matters

#: how much a kind of word says about what is asked, by the first letter of jieba's mark: nouns and names most, times,
#: numbers, pronouns, adverbs and particles nothing
_KINDS = {"n": 1.0, "j": 1.0, "v": 0.6, "i": 0.6, "l": 0.6, "b": 0.6, "a": 0.5, "s": 0.4} | dict.fromkeys(
    "tmqrdpcuyoxfehkz", 0.0
)
_OTHER = 0.7
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


@cache
def asking_words() -> frozenset[str]:
    """Words of asking, which say nothing about what is asked."""
    return lists.shipped_words("asking.txt")


def understand(text: str) -> Question:
    """The matters of a question and its other telling words."""
    typed = normalise(text)[:1000]
    table = matters.table()
    meant = elsewhere.as_away(typed)
    heard = table.heard(meant) or table.sounding(meant) or table.resembling(meant)
    known = [one for one in heard if not one.foreign]
    said = [word for one in known for word in one.said]
    found: list[Term] = []
    for word, weight in _telling(typed).items():
        if not any(word in term.same for term in found):
            explained = any(word in one or one in word for one in said)
            amount = weight * (_CIRCUMSTANCE if known else 1.0)
            found.append(Term((word, *engines.synonyms().of(word)), amount, bonus=explained))
    # further matters are other readings of the question: they speak for an entry, not against one
    named = [
        Term(one.matter.official, _MATTER * (one.strength / known[0].strength), matter=True, bonus=one is not known[0])
        for one in known
    ]
    foreign = bool(heard) and heard[0].foreign
    return Question((*named, *found), foreign, elsewhere.asked_about(typed))


def terms(text: str) -> list[Term]:
    """The terms of a question alone."""
    return list(understand(text).terms)


def _telling(text: str) -> dict[str, float]:
    """The words with their weights."""
    import rjieba  # its dictionary takes a tenth of a second, which no process needs that is never asked

    kinds = {str(word): str(kind) for word, kind in rjieba.tag(text)}
    weights = {word: _weight(word, kinds.get(word, "")) for word in words(text) if len(word) > 1}
    return {word: weight for word, weight in weights.items() if weight}


def _weight(word: str, kind: str) -> float:
    if word in asking_words():
        return 0.0
    return _KINDS.get(kind[:1], _OTHER)
