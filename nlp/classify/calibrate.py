"""From scores to probabilities that mean what they say: multinomial logistic regression on held-out scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.classify import sureness

Floats = npt.NDArray[np.float64]

#: With more classes than this there are too few texts to learn how classes speak for each other.
MOST_CLASSES_WITH_MATRIX = 30
_SHRINKAGE = 2.0


@dataclass(frozen=True)
class Calibration:
    """Probabilities are softmax(scores @ matrix + bias), with many classes made as sharp as `sure` has found right."""

    matrix: Floats
    bias: Floats
    sure: sureness.Sureness | None = None

    def apply(self, scores: npt.NDArray[np.floating[Any]]) -> Floats:
        """Probabilities (texts x classes) for scores (texts x scores)."""
        logits = scores @ self.matrix + self.bias
        return self.sure.apply(logits) if self.sure else _softmax(logits)


def _softmax(values: Floats) -> Floats:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def fit(scores: npt.NDArray[np.floating[Any]], classes: npt.NDArray[np.int64], number: int) -> Calibration:
    """Learns from scores of texts that the scoring model had not seen.

    The matrix is drawn towards "scale every score alike"; with many classes that is all that is learnt, and then what
    the highest probability has been worth.
    """
    from scipy.optimize import minimize

    scores = np.asarray(scores, dtype=np.float64)
    texts, width = scores.shape
    truth = (classes[:, None] == np.arange(number)).astype(np.float64)
    copies = np.tile(np.eye(number), (width // number, 1))
    free = number <= MOST_CLASSES_WITH_MATRIX
    size = width * number if free else 0

    def unpack(values: Floats) -> Calibration:
        matrix = values[0] * copies
        if free:
            matrix = matrix + values[1 + number :].reshape(width, number)
        return Calibration(matrix, values[1 : 1 + number])

    def loss(values: Floats) -> tuple[float, Floats]:
        probabilities = unpack(values).apply(scores)
        value = -np.log(np.maximum((probabilities * truth).sum(axis=1), 1e-12)).sum()
        gap = probabilities - truth
        by_matrix = scores.T @ gap
        gradient = np.concatenate([[(by_matrix * copies).sum()], gap.sum(axis=0), by_matrix.ravel()[:size]])
        rest = values[1:]
        gradient[1:] += _SHRINKAGE * rest
        return float(value + _SHRINKAGE / 2 * (rest @ rest)) / texts, gradient / texts

    start = np.zeros(1 + number + size)
    start[0] = 2.0
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    plain = unpack(found.x)
    return plain if free else replace(plain, sure=_sureness(plain.apply(scores), classes))


def _sureness(probabilities: Floats, classes: npt.NDArray[np.int64]) -> sureness.Sureness | None:
    return sureness.fit(probabilities.max(axis=1), probabilities.argmax(axis=1) == classes)
