"""Weights learnt from examples: two logistic regressions over the pieces of a text, and their mean.

One takes every piece by its rarity. The other takes it also by how much more often it stands in one kind of text than
in the other (naive Bayes), which trusts rare but telling pieces more. Their mean is better than either on texts that
neither has seen, and costs no more to use.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: of the regression over log ratios: its penalty, what is added to every count, the greatest ratio
_PENALTY, _ADDED, _GREATEST = 0.1, 0.5, 2.5
_ENOUGH = {"maxiter": 500, "ftol": 1e-6, "gtol": 1e-3}


@dataclass(frozen=True)
class Pieces:
    """Texts as a matrix: a row each, a column for each of `names`, values by rarity and unit length without signs."""

    names: list[str]
    rarity: dict[str, float]
    matrix: Any


def table(texts: Sequence[Counter[str]], least: int, signs: frozenset[str], sign_weight: float) -> Pieces:
    """The matrix of `texts`; pieces in fewer than `least` texts are left out."""
    seen = Counter(piece for text in texts for piece in text)
    names = sorted(name for name, count in seen.items() if count >= least)
    rarity = {name: math.log((1 + len(texts)) / (1 + seen[name])) + 1 for name in names}
    return Pieces(names, rarity, _matrix(texts, names, rarity, signs, sign_weight))


def _matrix(
    texts: Sequence[Counter[str]],
    names: list[str],
    rarity: dict[str, float],
    signs: frozenset[str],
    sign_weight: float,
) -> Any:
    from scipy import sparse

    at = {name: number for number, name in enumerate(names)}
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        own = {name: (1 + math.log(count)) * rarity[name] for name, count in text.items() if name in at}
        length = math.sqrt(sum(value * value for name, value in own.items() if name not in signs)) or 1.0
        rows += [row] * len(own)
        columns += [at[name] for name in own]
        values += [value * (sign_weight if name in signs else 1) / length for name, value in own.items()]
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(names)))


def both(matrix: Any, yes: Flags, penalty: float) -> tuple[Floats, float]:
    """The mean of the two regressions: a weight for each column, and the bias. Both kinds weigh alike."""
    importance = balanced(yes)
    plain, bias = regression(matrix, yes, importance, penalty)
    ratio = _log_ratio(matrix, yes)
    bayes, other = regression(matrix.multiply(ratio).tocsr(), yes, importance, _PENALTY)
    return (plain + bayes * ratio) / 2, (bias + other) / 2


def balanced(yes: Flags) -> Floats:
    """How much each example counts, so that both kinds count alike."""
    return np.asarray(0.5 / np.where(yes, yes.mean(), 1 - yes.mean()), dtype=np.float64)


def _log_ratio(matrix: Any, yes: Flags) -> Floats:
    occurs = (matrix > 0).astype(float)
    inside = np.asarray(occurs[yes].sum(axis=0)).ravel() + _ADDED
    outside = np.asarray(occurs[~yes].sum(axis=0)).ravel() + _ADDED
    ratio = np.log(inside / (yes.sum() + 2 * _ADDED)) - np.log(outside / ((~yes).sum() + 2 * _ADDED))
    return np.asarray(np.clip(ratio, -_GREATEST, _GREATEST), dtype=np.float64)


def regression(matrix: Any, yes: Flags, importance: Floats, penalty: float) -> tuple[Floats, float]:
    """Logistic regression with an L2 penalty on all but the bias. Deterministic."""
    from scipy.optimize import minimize

    sign = np.where(yes, 1.0, -1.0)

    def loss(point: Floats) -> tuple[float, Floats]:
        margin = sign * (matrix @ point[:-1] + point[-1])
        slope = -sign * importance / (1 + np.exp(margin))
        value = float(importance @ np.logaddexp(0, -margin) + penalty / 2 * point[:-1] @ point[:-1])
        return value, np.append(matrix.T @ slope + penalty * point[:-1], slope.sum())

    found = minimize(loss, np.zeros(matrix.shape[1] + 1), jac=True, method="L-BFGS-B", options=_ENOUGH).x
    return found[:-1], float(found[-1])
