"""Learning of what texts sound like: multinomial logistic regression with an L2 penalty over `nlp.sense.pieces`.

Deterministic: the same examples give the same file. Used by `python -m nlp.kinds.learn` and
`python -m nlp.extract.learn_moods`, which say what the examples are.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.data import read
from nlp.learning import command
from nlp.sense import judge, parse, pieces, values

PENALTY = 1 / 30
_SEEN_AT_LEAST = 2
_SMALLEST = 0.3

#: text and its class
Example = tuple[str, str]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Lesson:
    """What is learnt: the classes, the weight file, the files that it comes from, and how the word lists speak."""

    classes: Sequence[str]
    target: str
    sources: Sequence[str]
    listed: Callable[[str], Mapping[str, float]]

    def digest(self) -> str:
        """What the weights were learnt from, as it stands in the heading of their file."""
        return hashlib.sha256("".join(map(read, self.sources)).encode()).hexdigest()[:16]

    def learn(self, known: Sequence[Example]) -> str:
        """The weight file for these examples."""
        counted = Counter(piece for text, _ in known for piece in pieces(text))
        rarity = {
            piece: math.log(len(known) / seen) + 0.1
            for piece, seen in sorted(counted.items())
            if seen >= _SEEN_AT_LEAST and piece.strip() and not {"\t", "\n"} & set(piece)
        }
        told = [values(text, self.listed(text), rarity) for text, _ in known]
        pulls, bias = fit(told, np.eye(len(self.classes))[[self.classes.index(name) for _, name in known]])
        kept = [
            "\t".join((piece, f"{rarity.get(piece, 0):.2f}", *(f"{pull:.1f}" for pull in row)))
            for piece, row in pulls
            if np.abs(row).max() >= _SMALLEST
        ]
        return "\n".join((f"# {self.digest()} " + " ".join(f"{one:.3f}" for one in bias), *kept)) + "\n"

    def held_out(self, known: Sequence[Example], folds: int = 5) -> str:
        """Folds by turns, learnt on the others and judged on one: the share that is right, and the confidence."""
        right, sure = [], []
        for turn in range(folds):
            weights = parse(self.learn([one for at, one in enumerate(known) if at % folds != turn]))
            for text, name in known[turn::folds]:
                found = judge(text, self.listed(text), self.classes, weights)
                right.append(found.best == name)
                sure.append(found.shares[found.best])
        return f"right: {sum(right)} of {len(right)}; mean confidence {sum(sure) / len(sure):.3f}"

    def run(self, known: Sequence[Example], arguments: Sequence[str]) -> None:
        """Write the weight file, or measure with `--check`."""
        command(arguments, lambda: self.held_out(known), lambda: {self.target: self.learn(known)})


def fit(
    told: Sequence[dict[str, float]], wanted: Floats, penalty: float = PENALTY
) -> tuple[list[tuple[str, Floats]], Floats]:
    """Pulls by name of feature towards each class, and the bias; `wanted` (texts x classes) has a 1 for the right."""
    from scipy import sparse
    from scipy.optimize import minimize

    names = sorted({piece for one in told for piece in one})
    at = {name: number for number, name in enumerate(names)}
    columns = [at[piece] for one in told for piece in one]
    ends = np.cumsum([0, *(len(one) for one in told)])
    matrix = sparse.csr_matrix(
        ([value for one in told for value in one.values()], columns, ends), shape=(len(told), len(names))
    )
    classes = wanted.shape[1]

    def loss(point: Floats) -> tuple[float, Floats]:
        table = point.reshape(len(names) + 1, classes)
        odds = matrix @ table[:-1] + table[-1]
        odds -= odds.max(axis=1, keepdims=True)
        shares = np.exp(odds)
        shares /= shares.sum(axis=1, keepdims=True)
        value = -np.log(shares[wanted > 0] + 1e-12).sum() + penalty / 2 * (table[:-1] ** 2).sum()
        off = shares - wanted
        return float(value), np.vstack((matrix.T @ off + penalty * table[:-1], off.sum(axis=0))).ravel()

    start = np.zeros((len(names) + 1) * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x.reshape(-1, classes)
    return list(zip(names, found, strict=False)), found[-1]
