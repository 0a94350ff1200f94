"""How good predictions are: plain functions over arrays of class numbers and probabilities."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]

#: A precision that is not reached at any coverage: a threshold above every probability.
NEVER = 1.01
#: Fewer decided texts than this prove nothing about precision.
FEWEST = 20


@dataclass(frozen=True)
class ClassMeasure:
    """One class: how many texts truly have it, and precision, recall and their harmonic mean (0 to 1)."""

    label: str
    texts: int
    precision: float
    recall: float
    f1: float


def confusion(truth: Ints, predicted: Ints, number: int) -> npt.NDArray[np.int64]:
    """Counts: a row per true class, a column per predicted class."""
    return np.bincount(truth * number + predicted, minlength=number * number).reshape(number, number).astype(np.int64)


def per_class(truth: Ints, predicted: Ints, labels: list[str]) -> list[ClassMeasure]:
    """Measures of every class; a class that nobody has or predicts scores 0."""
    table = confusion(truth, predicted, len(labels))
    right = np.diag(table)
    actual, claimed = table.sum(axis=1), table.sum(axis=0)
    precision = right / np.maximum(claimed, 1)
    recall = right / np.maximum(actual, 1)
    f1 = 2 * right / np.maximum(actual + claimed, 1)
    return [
        ClassMeasure(label, int(actual[at]), float(precision[at]), float(recall[at]), float(f1[at]))
        for at, label in enumerate(labels)
    ]


def macro_f1(measures: list[ClassMeasure]) -> float:
    """Mean F1 over the classes that occur in the data."""
    present = [measure.f1 for measure in measures if measure.texts]
    return sum(present) / max(len(present), 1)


@dataclass(frozen=True)
class Bin:
    """Texts whose highest probability lies in one tenth: how many, what was claimed, what came true."""

    texts: int
    claimed: float
    right: float


def reliability(confidence: Floats, right: npt.NDArray[np.bool_], bins: int = 10) -> list[Bin]:
    """Claimed probability beside the share that was right, in equal steps of probability; empty steps left out."""
    step = np.minimum((confidence * bins).astype(int), bins - 1)
    rows = []
    for at in range(bins):
        inside = step == at
        if inside.any():
            rows.append(Bin(int(inside.sum()), float(confidence[inside].mean()), float(right[inside].mean())))
    return rows


def calibration_error(rows: list[Bin]) -> float:
    """Expected calibration error: mean gap between claimed and right, weighted by texts."""
    total = sum(row.texts for row in rows)
    return sum(abs(row.claimed - row.right) * row.texts for row in rows) / max(total, 1)


def threshold_for(confidence: Floats, right: npt.NDArray[np.bool_], precision: float) -> float:
    """The lowest probability above which at least `precision` of the texts are right; NEVER if there is none."""
    order = np.argsort(-confidence, kind="stable")
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(reached >= precision)
    enough = enough[enough >= FEWEST - 1]
    return float(confidence[order[enough[-1]]]) if len(enough) else NEVER


@dataclass(frozen=True)
class Coverage:
    """Deciding alone at or above a threshold: the share of texts decided, and of those decided rightly."""

    threshold: float
    coverage: float
    precision: float


def coverage_at(confidence: Floats, right: npt.NDArray[np.bool_], threshold: float) -> Coverage:
    """What a threshold does. Precision is 1 when nothing is decided."""
    return decided_share(confidence >= threshold, right, threshold)


def decided_share(decided: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_], threshold: float) -> Coverage:
    """The same for texts already known to be decided."""
    precision = float(right[decided].mean()) if decided.any() else 1.0
    return Coverage(threshold, float(decided.mean()) if len(decided) else 0.0, precision)


def summary(truth: Ints, probabilities: Floats, labels: list[str]) -> dict[str, Any]:
    """macro_f1, accuracy, top-2 accuracy, ece, per_class, reliability and confusion of one set of predictions."""
    predicted = probabilities.argmax(axis=1)
    confidence, right = probabilities.max(axis=1), predicted == truth
    classes = per_class(truth, predicted, labels)
    bins = reliability(confidence, right)
    own = probabilities[np.arange(len(truth)), truth]
    return {
        "macro_f1": macro_f1(classes),
        "accuracy": float(right.mean()),
        "top2_accuracy": float(((probabilities > own[:, None]).sum(axis=1) < 2).mean()),
        "ece": calibration_error(bins),
        "per_class": {one.label: {k: v for k, v in asdict(one).items() if k != "label"} for one in classes},
        "reliability": [asdict(row) for row in bins],
        "confusion": confusion(truth, predicted, len(labels)).tolist(),
    }
