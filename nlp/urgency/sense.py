"""A sense of danger learnt from examples, for reports that no rule foresaw.

`nlp/data/urgency_examples.txt` holds made-up reports with their level; `python -m nlp.urgency.learn` turns them into
one weight for each character, for two or three neighbours, and for each sign (`nlp/data/danger_sense.tsv`; a sign is a
reading of `guards.py`: it is over, asked about, going on …). A text is judged by adding up its weights; the stretches
that weighed most are told. `weigh.py` puts the sense together with the rules.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from operator import add

from nlp.data import read
from nlp.urgency.guards import signs

#: characters up to which a text is judged as a whole at all
SHORT = 160
#: of a longer one: probability from which a sentence that speaks of now counts as danger, and below which words of
#: danger are not believed; chosen so that few letters are called critical
CERTAIN_IN_LETTER, HARMLESS = 0.985, 0.47
_NOT_WORDS = re.compile(r"[\s，。！？,.!?、：:；;“”\"'…（）()]+")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+")
#: characters up to which a report is of one piece; in a longer one stretches of clauses of `_STRETCH` are looked at
#: too; `_MARKED_DOWN` is taken off their log odds in a letter: some stretch always sounds bad
ONE_PIECE, _STRETCH, _MARKED_DOWN = 60, 40, 1.0
#: how much a sign weighs beside a piece of the text, before learning
SIGN = 1.5
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
    """Where they stand and what they are: all single characters, and two and three neighbours."""
    for size in (1, 2, 3):
        for at in range(len(text) - size + 1):
            yield at, text[at : at + size]


def pieces_of(text: str) -> Counter[str]:
    """How often each of `pieces` occurs."""
    counts = Counter(text)
    pairs = list(map(add, text, text[1:]))
    counts.update(pairs)
    counts.update(map(add, pairs, text[2:]))
    return counts


def marks(text: str) -> tuple[str, ...]:
    """The signs of a text, as they are called in the weight file."""
    return tuple(f"#{name}" for name in signs(text))


def judge(text: str, weights: Weights | None = None) -> Impression:
    """How much a short text sounds like danger to life, and which of its words do."""
    known = weights or _shipped()
    return Impression(1 / (1 + math.exp(-odds(text, known))), _telling(normal(text), known))


def probability(text: str, weights: Weights | None = None) -> float:
    """That one sentence of a letter tells of danger to life. Pure; about 0.1 ms for 100 characters."""
    whole, part = odds(text, weights), loudest_stretch(text, weights)
    return 1 / (1 + math.exp(-max(whole, part - _MARKED_DOWN)))


def odds(text: str, weights: Weights | None = None, found: tuple[str, ...] | None = None) -> float:
    """Log odds that a text tells of danger to life, judged as a whole; `found` are its marks."""
    return _odds(normal(text), marks(text) if found is None else found, weights or _shipped())


def loudest_stretch(text: str, weights: Weights | None = None) -> float:
    """The log odds of the most alarming stretch of clauses of a text that is not of one piece, else -infinity.

    Who rambles about parking first and then says that the house is burning is in danger.
    """
    known, words = weights or _shipped(), normal(text)
    if len(words) <= ONE_PIECE:
        return -math.inf
    found = marks(text)
    return max(_odds(part, found, known) for part in _stretches(words))


def _stretches(text: str) -> list[str]:
    """Neighbouring clauses joined until they are long enough to be judged, from each clause on."""
    clauses = text.split(" ")
    found = []
    for start in range(len(clauses)):
        part = ""
        for clause in clauses[start:]:
            part = f"{part} {clause}" if part else clause
            if len(part) >= _STRETCH:
                break
        if len(part) >= 0.8 * _STRETCH:
            found.append(part)
    return found or [text]


def _odds(text: str, found: tuple[str, ...], known: Weights) -> float:
    """Log odds of danger of a stretch in a text with these signs."""
    shares, length = _shares(text, known)
    own = sum(shares.values()) + sum(
        SIGN * known.pieces[one][0] * known.pieces[one][1] for one in found if one in known.pieces
    )
    return known.bias + own / length


def _shares(text: str, known: Weights) -> tuple[dict[str, float], float]:
    """What each known piece adds to the odds, all times the second number."""
    shares, squares = {}, 0.0
    for piece, count in pieces_of(text).items():
        if weight := known.pieces.get(piece):
            value = weight[0] if count == 1 else (1 + math.log(count)) * weight[0]
            squares += value * value
            shares[piece] = value * weight[1]
    return shares, math.sqrt(squares) or 1.0


def sentences(text: str) -> list[str]:
    return [one for one in _SENTENCE.findall(text) if not one.isspace()]


def several(text: str) -> bool:
    return len(sentences(text)) > 1


def _telling(text: str, known: Weights) -> tuple[str, ...]:
    """The stretches with the greatest sum of positive weights, at most `_TOLD`."""
    shares, length = _shares(text, known)
    places = [(at, piece) for at, piece in pieces(text) if piece in shares]
    counts = Counter(piece for _, piece in places)
    weight = [0.0] * len(text)
    for at, piece in places:
        for step in range(len(piece)):
            weight[at + step] += shares[piece] / length / counts[piece] / len(piece)
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
