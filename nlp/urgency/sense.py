"""A sense of danger learnt from examples, for reports that no rule foresaw.

`nlp/data/urgency_examples.txt` holds made-up reports with their level; `python -m nlp.urgency.learn` turns them into
one weight for each character and pair of characters (`nlp/data/danger_sense.tsv`). A text is judged by adding up its
weights; the stretches that weighed most are told. Only short texts, or sentences that speak of now, are judged:
in a long letter some sentence always sounds bad.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nlp.data import read

#: characters up to which a text is judged as a whole
SHORT = 160
#: probability from which a short text, one sentence of it, and one of a long letter count as danger; chosen on batches
#: of reports that the weights had not seen
CERTAIN, CERTAIN_ALONE, CERTAIN_IN_LETTER = 0.6, 0.85, 0.985
_NOT_WORDS = re.compile(r"[\s，。！？,.!?、：:；;“”\"'…（）()]+")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+")
_TOLD = 3
_LONGEST = 8


@dataclass(frozen=True, slots=True)
class Impression:
    """Probability that a report tells of danger to life, and the stretches of it that spoke for that."""

    probability: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """`rarity` and `pull` of every known piece of text; `bias` is the log odds of a text without any."""

    bias: float
    pieces: dict[str, tuple[float, float]]


def normal(text: str) -> str:
    """Text without punctuation: a caller's commas are the agent's."""
    return _NOT_WORDS.sub(" ", text).strip()


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Where they stand and what they are: all single characters and pairs of neighbours."""
    for size in (1, 2):
        for at in range(len(text) - size + 1):
            yield at, text[at : at + size]


def judge(text: str, weights: Weights | None = None) -> Impression:
    """How much a short text sounds like danger to life. Pure; about 0.1 ms for 100 characters."""
    known, text = weights or _shipped(), normal(text)
    places = [(at, piece) for at, piece in pieces(text) if piece in known.pieces]
    counts = Counter(piece for _, piece in places)
    values = {piece: (1 + math.log(count)) * known.pieces[piece][0] for piece, count in counts.items()}
    length = math.sqrt(sum(value * value for value in values.values())) or 1.0
    shares = {piece: value / length * known.pieces[piece][1] for piece, value in values.items()}
    odds = known.bias + sum(shares.values())
    return Impression(1 / (1 + math.exp(-odds)), _telling(text, places, shares, counts))


def sentences(text: str) -> list[str]:
    return _SENTENCE.findall(text)


def _telling(
    text: str, places: list[tuple[int, str]], shares: dict[str, float], counts: Counter[str]
) -> tuple[str, ...]:
    """The stretches with the greatest sum of positive weights, at most `_TOLD`."""
    weight = [0.0] * len(text)
    for at, piece in places:
        for step in range(len(piece)):
            weight[at + step] += shares[piece] / counts[piece] / len(piece)
    stretches: list[tuple[float, str]] = []
    start = 0
    for at in range(len(text) + 1):
        if at == len(text) or weight[at] <= 0 or text[at] == " ":
            if at - start >= 2:
                stretches.append((sum(weight[start:at]), text[start:at][:_LONGEST]))
            start = at + 1
    return tuple(word for _, word in sorted(stretches, reverse=True)[:_TOLD])


def parse(text: str) -> Weights:
    """A weight file: a heading `# digest bias`, then a line of piece, rarity and pull each."""
    heading, *lines = text.splitlines()
    known = (line.split("\t") for line in lines)
    return Weights(float(heading.split()[-1]), {piece: (float(rare), float(pull)) for piece, rare, pull in known})


@cache
def _shipped() -> Weights:
    return parse(read("danger_sense.tsv"))
