"""Ridge regression on class membership (+1 / -1), rare classes weighing as much as common ones.

A linear model: its weights can be read, and a text is classified by adding up looked-up rows. Solved by conjugate
gradients in the space of the texts, where the unknowns are few.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float32]

#: Strength of the penalty, found by cross-validation; rows have length 1.
PENALTY = 0.15
#: A class with fewer texts weighs as if it had so many: one text must not outweigh hundreds.
_SMALLEST_CLASS = 20
#: From so many classes on, and up to so many texts (0.6 GB), all pairs of texts are multiplied out.
_MANY_CLASSES = 30
_MOST_ROWS_AT_ONCE = 12_000
_TOLERANCE = 2e-3
_MAX_STEPS = 300


def fit(rows: sparse.csr_matrix, classes: npt.NDArray[np.int64], number: int, penalty: float = PENALTY) -> Floats:
    """Weights (features x classes) for `rows` that belong to `classes` (0 to `number` - 1)."""
    targets = np.where(classes[:, None] == np.arange(number), 1.0, -1.0).astype(np.float32)
    sizes = np.maximum(np.bincount(classes, minlength=number), _SMALLEST_CLASS)
    importance = (len(classes) / (number * sizes))[classes].astype(np.float32)
    diagonal = (penalty / importance)[:, None]
    solve = _solve_at_once if number > _MANY_CLASSES and len(classes) <= _MOST_ROWS_AT_ONCE else _solve
    return np.asarray(rows.T @ solve(rows, diagonal, targets), dtype=np.float32)


def _solve_at_once(rows: sparse.csr_matrix, diagonal: Floats, targets: Floats) -> Floats:
    """The same as `_solve`, by factorising the matrix of all pairs of texts: cheaper when there are many classes."""
    from scipy.linalg import solve

    products = (rows @ rows.T).toarray()
    products[np.diag_indices(len(products))] += diagonal[:, 0]
    return np.asarray(solve(products, targets, assume_a="pos", overwrite_a=True), dtype=np.float32)


def _solve(rows: sparse.csr_matrix, diagonal: Floats, targets: Floats) -> Floats:
    """Solves (rows rows' + diag) a = targets, all columns at once, preconditioned by the diagonal."""
    columns = sparse.csr_matrix(rows.T)
    scale = 1 / (1 + diagonal)
    solution = np.zeros_like(targets)
    residual = targets.copy()
    direction = scale * residual
    power = (residual * direction).sum(axis=0)
    enough = _TOLERANCE**2 * power
    for _ in range(_MAX_STEPS):
        image = rows @ (columns @ direction) + diagonal * direction
        step = power / np.maximum((direction * image).sum(axis=0), 1e-30)
        solution += step * direction
        residual -= step * image
        better = scale * residual
        next_power = (residual * better).sum(axis=0)
        if (next_power <= enough).all():
            break
        direction = better + next_power / np.maximum(power, 1e-30) * direction
        power = next_power
    return solution
