"""Which line a danger belongs to, learnt from the examples that name one.

A rule knows its hazard, not what weighs more in this report (a fall into a machine is for the fire brigade while the
man is held, for the ambulance when he is out); and what only the sense of danger found has no rule at all. So the words
of the whole report speak, and the line of the weightiest rule counts in their favour.
"""

from __future__ import annotations

import math
from functools import cache
from typing import cast, get_args

from nlp.data import read
from nlp.urgency.rulebook import Handover
from nlp.urgency.sense import normal, pieces_of

LINES: tuple[Handover, ...] = cast(tuple[Handover, ...], get_args(Handover))
#: what the rule's line is worth beside a probability; chosen on examples that the weights had not seen
_RULE = 0.4

#: rarity of a piece and its pull towards each of `LINES`
Pulls = dict[str, tuple[float, tuple[float, ...]]]


def choose(text: str, rule: Handover | None) -> Handover:
    """The line for a text that tells of danger to life; `rule` is the line of the rule that fired, if one did."""
    odds = _odds(text)
    worth = {line: 1 / (1 + math.exp(-odd)) + _RULE * (line == rule) for line, odd in zip(LINES, odds, strict=True)}
    return max(worth, key=lambda line: worth[line])


def _odds(text: str) -> list[float]:
    """Log odds of each of `LINES` against the others."""
    biases, pulls = _shipped()
    sums, squares = [0.0] * len(LINES), 0.0
    for piece, count in pieces_of(normal(text)).items():
        if known := pulls.get(piece):
            value = (1 + math.log(count)) * known[0]
            squares += value * value
            for at, pull in enumerate(known[1]):
                sums[at] += value * pull
    length = math.sqrt(squares) or 1.0
    return [bias + total / length for bias, total in zip(biases, sums, strict=True)]


def parse(text: str) -> tuple[tuple[float, ...], Pulls]:
    """A weight file: a heading `# digest bias …`, then lines of piece, rarity and one pull for each of `LINES`."""
    heading, *lines = text.splitlines()
    pulls: Pulls = {}
    for line in lines:
        piece, rarity, *pull = line.split("\t")
        pulls[piece] = float(rarity), tuple(map(float, pull))
    return tuple(map(float, heading.split()[2:])), pulls


@cache
def _shipped() -> tuple[tuple[float, ...], Pulls]:
    return parse(read("danger_lines.tsv"))
