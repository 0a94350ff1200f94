"""What a highest probability is worth: the share of texts that were right where so much was claimed, as a rising line.

With hundreds of labels one sharpness for all cannot be right for texts that are clear and for texts that are not. The
line says what a claim has been worth; each text is then made as sharp as it takes for its best label to claim just
that. The order of the labels never changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: texts that make one point of the line at least, and points at most
_FEWEST, _MOST_POINTS = 60, 40
#: so many texts that came out as claimed are added to every point: few texts say little
_BELIEF = 8.0
#: the line keeps so much of the claim itself, so that two claims are never worth the same
_SLOPE = 0.03
_STEPS = 40
_SHARPEST = 1e3
_FLAT = 1e-9


@dataclass(frozen=True)
class Sureness:
    """Points of a rising line from the claimed to the true share of right answers; both rise from 0 to 1."""

    claimed: Floats
    true: Floats

    def apply(self, logits: Floats) -> Floats:
        """Probabilities (texts x labels) whose highest is what the softmax of `logits` has been worth."""
        below = logits - logits.max(axis=1, keepdims=True)
        claimed = 1 / np.exp(below).sum(axis=1)
        worth = np.interp(claimed, self.claimed, self.true)
        return _softmax(below * _sharpness(below, worth)[:, None])


def fit(claimed: Floats, right: npt.NDArray[np.bool_]) -> Sureness | None:
    """The line for texts whose best label claimed so much and was right or not; None for too few texts."""
    points = min(len(claimed) // _FEWEST, _MOST_POINTS)
    if points < 2:
        return None
    order = np.argsort(claimed, kind="stable")
    parts = np.array_split(order, points)
    sizes = np.array([len(part) for part in parts], dtype=np.float64)
    before = np.array([claimed[part].mean() for part in parts])
    hits = np.array([right[part].sum() for part in parts])
    after = _rising((hits + _BELIEF * before) / (sizes + _BELIEF), sizes)
    after = (1 - _SLOPE) * after + _SLOPE * before
    return Sureness(np.concatenate([[0.0], before, [1.0]]), np.concatenate([[0.0], after, [max(after[-1], 1 - 1e-3)]]))


def _rising(values: Floats, sizes: Floats) -> Floats:
    """The nearest values that never fall: neighbours that do are replaced by their mean."""
    blocks: list[tuple[float, float, int]] = []
    for value, size in zip(values.tolist(), sizes.tolist(), strict=True):
        mean, weight, count = value, size, 1
        while blocks and blocks[-1][0] >= mean:
            other, heavy, many = blocks.pop()
            mean = (mean * weight + other * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + many
        blocks.append((mean, weight, count))
    return np.concatenate([np.full(count, mean) for mean, _, count in blocks])


def _sharpness(below: Floats, worth: Floats) -> Floats:
    """By what each row must be multiplied for its highest probability to be `worth`.

    Newton's steps on a falling convex function, from 0: they never overshoot.
    """
    wanted = np.log(np.maximum(worth, 1.001 / below.shape[1]))
    factor = np.zeros(len(below))
    for _ in range(_STEPS):
        powers = np.exp(below * factor[:, None])
        total = powers.sum(axis=1)
        gap = np.log(total) + wanted
        slope = (powers * below).sum(axis=1) / total
        step = np.where(slope < -_FLAT, -gap / np.minimum(slope, -_FLAT), 0.0)
        factor = np.clip(factor + step, 0.0, _SHARPEST)
        if np.abs(gap).max() < 1e-6:
            break
    return factor


def _softmax(values: npt.NDArray[np.floating[Any]]) -> Floats:
    powers = np.exp(values)
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result
