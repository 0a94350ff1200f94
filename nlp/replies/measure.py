"""The three figures of a reply, each from 0 to 1."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from nlp.data import rules
from nlp.replies.content import Sentence
from nlp.text import weight
from nlp.words import content_words

_FULL_COVER = 0.35
_ENOUGH_CHARACTERS = 40
_CHARACTERS_A_DEMAND = 25
_RUN = re.compile(r"[\u4e00-\u9fff]+")

Terms = dict[str, float]


@cache
def _trade() -> frozenset[str]:
    """Words of the trade: in every question or every reply, so they show nothing about the matter."""
    return frozenset(rules("replies.toml")["trade"].split())


@cache
def _trade_words() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_trade(), key=lambda word: (-len(word), word))))


def terms(text: str) -> Terms:
    """Content words with their weight, repeated ones a little more."""
    trade = _trade()
    counts = Counter(word for word in content_words(text) if word not in trade)
    return {word: weight(word) * (1 + math.log(count)) for word, count in counts.items()}


def cosine(a: Terms, b: Terms) -> float:
    norm = math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return sum(value * b.get(word, 0.0) for word, value in a.items()) / norm if norm else 0.0


def cover(asked: Terms, said: Terms) -> float:
    """Weighted share of the words of a demand that the reply takes up."""
    whole = sum(asked.values())
    return sum(value for word, value in asked.items() if word in said) / whole if whole else 0.0


def relevance(question: str, answer: str, content: float) -> float:
    """How much the reply is about the question, by the words, pairs and triples of characters that both have.

    Pairs see that 公厕 and 公共厕所 are near; words keep pairs such as 的问 from counting much; long texts share
    something by chance. The weights come from a logistic fit on answered questions against the same answers under other
    questions. `content` is the share of a reply's usual substance; a reply that says nothing is about nothing.
    """
    by_words = cosine(terms(question), terms(answer))
    asked, said = _pieces(question, 2), _pieces(answer, 2)
    triples = math.log1p(len(_pieces(question, 3).keys() & _pieces(answer, 3).keys()))
    lengths = 0.4 * math.log(max(len(question), 80)) + 0.6 * math.log(max(len(answer), 80))
    odds = 2.4 + 9 * by_words + 31 * cosine(asked, said) + 1.5 * triples - lengths
    return min(1.0, content + 0.25) / (1 + math.exp(-odds))


def _pieces(text: str, size: int) -> Terms:
    """Pieces of so many neighbouring characters, with a weight that grows slowly with their number."""
    counts: Counter[str] = Counter()
    for run in _RUN.findall(_trade_words().sub(" ", text)):
        counts.update(run[at : at + size] for at in range(len(run) - size + 1))
    return {piece: 1 + math.log(count) for piece, count in counts.items()}


def substance(reply: Sequence[Sentence], demands: int = 0) -> float:
    """Characters that tell something, against what the shortest full answer to so many demands takes; at most 1."""
    said = sum(len(sentence.text) for sentence in reply if sentence.says_something)
    return min(said / (_ENOUGH_CHARACTERS + _CHARACTERS_A_DEMAND * demands), 1.0)


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand, the share of its words that the reply takes up, and how far it counts as answered."""

    text: str
    taken_up: float
    answered: float


def demand(text: str, said: Terms, relevant: float) -> Demand:
    """Judge one demand: half by its own words, half by the reply being about the matter."""
    own = cover(terms(text), said)
    return Demand(text, own, 0.5 * min(own / _FULL_COVER, 1.0) + 0.5 * relevant)


def explainability(reply: Sequence[Sentence]) -> float:
    """Whether the citizen can follow: facts found, a ground or cause, what was or will be done, and when."""
    telling = [sentence for sentence in reply if sentence.says_something]
    kinds = Counter(kind for sentence in telling for kind in sentence.kinds)
    value = 0.25 * min(kinds["fact"], 2) / 2 + 0.25 * bool(kinds["ground"]) + 0.1 * bool(kinds["cause"])
    value += 0.2 * bool(kinds["action"] or kinds["refusal"] or kinds["plan"]) + 0.1 * bool(kinds["deadline"])
    characters = sum(len(sentence.text) for sentence in telling)
    return min(value + 0.2 * min(characters / 150, 1.0), 1.0)
