"""Learn where demands begin: `python -m nlp.extract.learn_demands` after editing its examples; `--check` measures.

Of an example only the number of its demands is known. So the likeliest boundaries, as many as there must be, are taken
for true, the weights are learnt from them, and again, until it settles: at first by other subjects and plain words.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.data import lines, read
from nlp.extract.boundaries import Features, boundaries, clauses, odds, parse
from nlp.extract.demands import demands, does
from nlp.learning import command
from nlp.sense_learning import fit

_ROUNDS, _PENALTY, _SMALLEST = 6, 0.5, 0.02
_OPENS = ("b还", "b还有", "b另外", "b再", "b也", "b顺便", "b同时")

#: text and the number of its demands
Example = tuple[str, int]


def examples() -> list[Example]:
    """The example file, `number|text`."""
    return [(text, int(number)) for number, text in (line.split("|", 1) for line in lines("demand_examples.txt"))]


def digest() -> str:
    """What the weights were learnt from."""
    return hashlib.sha256(read("demand_examples.txt").encode()).hexdigest()[:16]


def learn(known: Sequence[Example]) -> str:
    """The weight file for these examples."""
    found = [(boundaries(clauses(text), does), number) for text, number in known]
    weights: dict[str, float] | None = None
    for _ in range(_ROUNDS):
        told = [one for places, _ in found for one in places]
        true = np.concatenate([_likeliest(places, number, weights) for places, number in found])
        pulls, bias = fit(told, np.eye(2)[true], _PENALTY)
        weights = {name: float(row[1] - row[0]) for name, row in pulls} | {"": float(bias[1] - bias[0])}
    kept = (f"{name}\t{weight:.2f}" for name, weight in sorted((weights or {}).items()) if abs(weight) >= _SMALLEST)
    return "\n".join((f"# {digest()}", *kept)) + "\n"


def _likeliest(places: Sequence[Features], number: int, weights: dict[str, float] | None) -> npt.NDArray[np.int64]:
    scores = [_first_guess(one) if weights is None else odds(one, weights) for one in places]
    true = np.zeros(len(places), dtype=np.int64)
    true[np.argsort(scores, kind="stable")[::-1][: number - 1]] = 1
    return true


def _first_guess(found: Features) -> float:
    plain = sum(found.get(name, 0.0) for name in _OPENS)
    return (
        2 * (found.get("other subject", 0.0) + plain)
        + found.get("other than beside", 0.0)
        + found.get("new", 0.0)
        - 2 * found.get("share", 0.0)
    )


def held_out(known: Sequence[Example], folds: int = 5) -> str:
    """Folds by turns, learnt on the others: how many texts have as many demands as they should."""
    right = 0
    for turn in range(folds):
        weights = parse(learn([one for at, one in enumerate(known) if at % folds != turn]))
        right += sum(len(demands(text, weights)) == number for text, number in known[turn::folds])
    return f"right: {right} of {len(known)}"


if __name__ == "__main__":
    command(sys.argv[1:], lambda: held_out(examples()), lambda: {"demand_sense.tsv": learn(examples())})
