"""Where the next demand begins in a short text that does not say so: "路灯不亮，垃圾也没人收".

A logistic regression over what stands on both sides of each comma and full stop: how the next clause begins, what the
two ask or tell, whether they share words or subjects. Learnt by `learn_demands.py` from examples of which only the
number of demands is known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from nlp.classify.subjects import Subjects, shipped_groups
from nlp.data import read
from nlp.segment import segment
from nlp.text import weighted_terms

Features = dict[str, float]
#: names what a clause does, such as asks or trouble (the lists of `nlp/data/demands.toml`)
Does = Callable[[str], Mapping[str, bool]]

_CUT = re.compile(r"(?<=[，,。！？!?；;\n])")
_EDGES = " ，,。！？!?；;、：:\n"
_ENDS = "。！!？?；;\n"
#: subjects that nearly every text touches
_EVERYWHERE = frozenset({"建言", "政策咨询", "衙门作风"})
#: log odds from which a boundary is believed
SURE = 1.4


def clauses(text: str) -> list[str]:
    """The clauses of a text with their signs; one of a word or two belongs to the one before it."""
    found: list[str] = []
    for clause in _CUT.split(text.strip()):
        if not clause.strip(_EDGES):
            continue
        if found and len(found[-1].strip(_EDGES)) < 3:
            found[-1] += clause
        else:
            found.append(clause)
    return found


def boundaries(parts: Sequence[str], does: Does) -> list[Features]:
    """What speaks at each boundary between neighbouring clauses."""
    return [_features(parts, at, does) for at in range(1, len(parts))]


def _features(parts: Sequence[str], at: int, does: Does) -> Features:
    left, right, before = parts[at - 1].strip(_EDGES), parts[at].strip(_EDGES), "".join(parts[:at])
    sign = parts[at - 1].strip(" ")[-1:]
    found: Features = {f"sign{'。' if sign in _ENDS else '，'}": 1.0, "asked": float(sign in "？?")}
    found.update((f"b{right[:size]}", 1.0) for size in (1, 2, 3))
    found.update((f"{side}{text[-size:]}", 1.0) for side, text in (("e", left), ("E", right)) for size in (1, 2))
    found.update((f"w{word}", 0.7) for word in segment(right))
    found.update((f"v{word}", 0.4) for word in segment(left))
    here, there, earlier = does(left), does(right), does(before)
    found.update((f"L{name}{here[name]:d}{there[name]:d}", 1.0) for name in here)
    found.update((f"B{name}{earlier[name]:d}", 1.0) for name in earlier)
    found |= _shared(left, right, before)
    found |= {"len": min(len(right) / 15, 2.0), "llen": min(len(left) / 15, 2.0)}
    found |= {f"at{min(at, 5)}": 1.0, f"left{min(len(parts) - at, 4)}": 1.0, f"all{min(len(parts), 8)}": 0.5}
    return {name: value for name, value in found.items() if value}


def _shared(left: str, right: str, before: str) -> Features:
    """Whether the next clause speaks of what was spoken of."""
    said, new = weighted_terms(before), weighted_terms(right)
    whole = sum(new.values()) or 1.0
    share = sum(value for word, value in new.items() if word in said) / whole
    behind, beside, ahead = _subjects(before), _subjects(left), _subjects(right)
    return {
        "share": share,
        "new": min(whole * (1 - share) / 20, 1.5),
        "nothing shared": float(share == 0),
        "other subject": float(bool(behind and ahead and not behind & ahead)),
        "other than beside": float(bool(beside and ahead and not beside & ahead)),
        "same subject": float(bool(behind & ahead)),
        "no subject": float(not ahead),
    }


def _subjects(text: str) -> set[str]:
    return set(_known().touched(text, 0).times) - _EVERYWHERE


@cache
def _known() -> Subjects:
    return Subjects(shipped_groups())


def odds(found: Features, weights: Mapping[str, float]) -> float:
    """Log odds that a demand of its own begins here."""
    return weights[""] + math.fsum(value * weights.get(name, 0.0) for name, value in found.items())


def split(text: str, does: Does, weights: Mapping[str, float] | None = None) -> list[str]:
    """The text in as many pieces as it seems to have demands. Pure; about 0.1 ms a clause."""
    known = weights or shipped()
    parts = clauses(text)
    pieces = parts[:1]
    for clause, found in zip(parts[1:], boundaries(parts, does), strict=True):
        if odds(found, known) > SURE:
            pieces.append(clause)
        else:
            pieces[-1] += clause
    return [piece.strip(_EDGES) for piece in pieces]


def parse(text: str) -> dict[str, float]:
    """A weight file: a heading `# digest`, then lines of name and weight; the empty name is the bias."""
    return {name: float(weight) for name, weight in (line.rsplit("\t", 1) for line in text.splitlines()[1:])}


@cache
def shipped() -> dict[str, float]:
    return parse(read("demand_sense.tsv"))
