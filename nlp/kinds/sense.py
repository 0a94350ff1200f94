"""What a report sounds like, learnt from examples: characters, pairs of them, words, and how it begins and ends.

`python -m nlp.kinds.learn` turns `nlp/data/kind_examples.txt` into one pull towards each kind for every piece
(`nlp/data/kind_sense.tsv`). How strongly the word lists speak is a piece too, so a word of the list counts as much as
it has proved to.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import add

from nlp.data import read
from nlp.kinds.words import Spoken
from nlp.segment import segment

KINDS = ("consult", "help", "complaint", "report", "suggestion", "praise", "other")
#: how much a word list weighs beside a text, before learning
LISTED = 0.3
#: what the log odds are divided by, so that the confidence is as high as the share that is right; measured on examples
#: that the weights had not seen
TEMPERATURE = 0.65
_CLAUSE_END = re.compile(r"[，。！？,.!?；;：:、…\s]+")
_DIGITS = re.compile(r"\d+")
_HAN_WORD = re.compile(r"[\u4e00-\u9fff]{2,} ?[\u4e00-\u9fff]*")


@dataclass(frozen=True, slots=True)
class Weights:
    """`rarity` and a pull towards each of `KINDS` for every known piece; `bias` is what a text without any has."""

    bias: tuple[float, ...]
    pieces: dict[str, tuple[float, tuple[float, ...]]]


def pieces(text: str) -> Counter[str]:
    """The pieces of a text and how often each occurs. The first letter says what a piece is."""
    plain = _DIGITS.sub("0", text)
    words = segment(plain)
    found: Counter[str] = Counter(plain)
    found.update(map(add, plain, plain[1:]))
    found.update(f"w{word}" for word in words)
    found.update(f"w{one} {other}" for one, other in pairwise(words))
    clauses = [clause for clause in _CLAUSE_END.split(plain) if clause]
    if clauses:
        first, last = clauses[0], clauses[-1]
        found.update(f"a{word}" for word in segment(first))
        found.update(f"z{word}" for word in segment(last))
        found.update(f"y{one}{other}" for one, other in pairwise(last))
        found.update((f"a<{first[:2]}", f"z<{last[:1]}", f"z<{last[:2]}", f"z>{last[-1:]}", f"z>{last[-2:]}"))
    found[f"n{min(len(clauses), 6)}"] += 1
    return found


def values(text: str, said: dict[str, Spoken], rarity: dict[str, float]) -> dict[str, float]:
    """The known pieces of a text with their values: together of length 1, and the word lists beside them."""
    own = {piece: (1 + math.log(count)) * rarity[piece] for piece, count in pieces(text).items() if piece in rarity}
    length = math.sqrt(sum(value * value for value in own.values())) or 1.0
    told = {piece: value / length for piece, value in own.items()}
    told.update({f"#{kind}": LISTED * math.log1p(one.score) for kind, one in said.items() if one.score})
    return told


def judge(
    text: str, said: dict[str, Spoken], weights: Weights | None = None
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Probability of each kind, and the words of the text that spoke most for the likeliest."""
    known = weights or _shipped()
    told = values(text, said, _rarity() if weights is None else {name: one[0] for name, one in known.pieces.items()})
    odds = list(known.bias)
    for piece, value in told.items():
        for at, pull in enumerate(known.pieces[piece][1] if piece in known.pieces else ()):
            odds[at] += value * pull
    top = max(odds)
    shares = [math.exp((odd - top) / TEMPERATURE) for odd in odds]
    best = odds.index(top)
    return {kind: share / sum(shares) for kind, share in zip(KINDS, shares, strict=True)}, _telling(told, known, best)


def _telling(told: dict[str, float], known: Weights, best: int) -> tuple[str, ...]:
    pulls = sorted(
        (
            (
                value * (known.pieces[piece][1][best] - sum(known.pieces[piece][1]) / len(KINDS)),
                piece[1:].replace(" ", ""),
            )
            for piece, value in told.items()
            if piece[0] in "waz" and _HAN_WORD.fullmatch(piece[1:]) and piece in known.pieces
        ),
        reverse=True,
    )
    return tuple(dict.fromkeys(word for pull, word in pulls if pull > 0))[:4]


def parse(text: str) -> Weights:
    """A weight file: a heading `# digest bias …`, then lines of piece, rarity and a pull towards each of `KINDS`."""
    heading, *lines = text.splitlines()
    known = {}
    for line in lines:
        piece, rarity, *pulls = line.split("\t")
        known[piece] = float(rarity), tuple(map(float, pulls))
    return Weights(tuple(map(float, heading.split()[2:])), known)


@cache
def _shipped() -> Weights:
    return parse(read("kind_sense.tsv"))


@cache
def _rarity() -> dict[str, float]:
    return {piece: one[0] for piece, one in _shipped().pieces.items()}
