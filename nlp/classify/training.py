"""Training: count once, cross-validate honestly, then fit on everything.

Everything that learns (which pieces are kept, their weights, the model) is learnt inside the fold; near-identical texts
stay in one fold. The held-out scores of all folds then teach the calibration and the threshold, and the report measures
both on folds that did not choose them.
"""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.classify import calibrate, measures, ridge
from nlp.classify.counts import Counted, Progress, Weighing, count, matrix, weigh_views
from nlp.classify.groups import near_duplicates
from nlp.classify.subjects import Keywords, Subjects, shipped_keywords
from nlp.classify.trained import Parts, TrainedModel
from nlp.segment import Segmenter, default_segmenter

FOLDS = 5
#: A model decides alone only where at least this share of its decisions was right.
PRECISION = 0.98
#: Unseen texts come out a little worse than those that chose the threshold, so slightly more is asked of those.
_AIM = PRECISION + 0.0005
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class TrainingError(ValueError):
    """The examples cannot train a model; the text says what is missing."""


@dataclass(frozen=True)
class HeldOut:
    """Predictions for every text by a model, a calibration and a threshold that had not seen its fold."""

    probabilities: Floats
    decided: npt.NDArray[np.bool_]
    scores: Floats


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[Hashable] | None = None,
    progress: Progress | None = None,
    *,
    segmenter: Segmenter | None = None,
    keywords: Keywords | None = None,
) -> TrainedModel:
    """A model for the labels seen, with its cross-validation in `report`.

    `groups` names texts that must stay in one fold (same caller, merged tickets); near-duplicates are found anyway.
    `progress` is told the step and the share done (0 to 1). Raises TrainingError for fewer than two labels, for lengths
    that differ, if fewer than two labels have as many texts as there are folds, and if the texts are copies of a few.
    Rarer labels are learnt too, badly.
    """
    _check(texts, labels, groups)
    say = progress or (lambda step, share: None)
    segmenter, keywords = segmenter or default_segmenter(), keywords or shipped_keywords()
    names = sorted(set(labels))
    number = {name: at for at, name in enumerate(names)}
    truth = np.array([number[label] for label in labels])
    say("grouping", 0.0)
    folds = _folds(truth, _merged(near_duplicates(texts), groups))
    counted = count(texts, segmenter, Subjects(keywords), say)
    held_out = cross_validate(counted, truth, folds, len(names), say)
    say("fitting", 0.0)
    everything = np.arange(len(texts))
    weighings, weights = fit(counted, truth, everything, len(names))
    calibration = calibrate.fit(held_out.scores, truth, len(names))
    report = _report(held_out, truth, names)
    say("done", 1.0)
    parts = Parts(
        labels=names,
        vocabulary=[[one.vocabulary[at] for at in w.kept] for one, w in zip(counted, weighings, strict=True)],
        idf=[weighing.idf for weighing in weighings],
        view_weights=[weighing.weight for weighing in weighings],
        weights=weights.astype(np.float16),
        calibration=calibration,
        threshold=report["threshold"],
        user_words=segmenter.user_words(),
        keywords=keywords,
    )
    return TrainedModel(parts, segmenter, report, {"data": describe(texts, labels), "metrics": _headline(report)})


def _check(texts: Sequence[str], labels: Sequence[str], groups: Sequence[Hashable] | None) -> None:
    if len(texts) != len(labels) or (groups is not None and len(groups) != len(texts)):
        raise TrainingError(f"{len(texts)} texts, {len(labels)} labels: one label (and group) per text is needed")
    sizes = Counter(labels)
    if len(sizes) < 2:
        raise TrainingError(f"at least two different labels are needed, found {len(sizes)}")
    if sum(size >= FOLDS for size in sizes.values()) < 2:
        raise TrainingError(
            f"at least two labels need {FOLDS} texts or more; the most frequent have {_frequent(sizes)}"
        )


def _folds(truth: Ints, groups: Ints) -> Ints:
    """Copies stay in one fold; where too little is left outside it, nothing can be learnt. Raises TrainingError."""
    if len(np.unique(groups)) >= FOLDS:
        folds = assign_folds(truth, groups)
        if all(len(np.unique(truth[folds != fold])) > 1 for fold in range(FOLDS)):
            return folds
    raise TrainingError(
        f"the texts are too alike: copies (and one caller's texts) stay in one of {FOLDS} folds, and what is left "
        "outside it must have two labels; more different texts are needed"
    )


def _frequent(sizes: Counter[str]) -> str:
    return ", ".join(f"{label} {size}" for label, size in sizes.most_common(3))


def _merged(alike: Ints, groups: Sequence[Hashable] | None) -> Ints:
    """Groups of texts that are alike or belong together for another reason."""
    if groups is None:
        return alike
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    first: dict[Hashable, int] = {}
    others = np.array([first.setdefault(group, len(first)) for group in groups]) + alike.max() + 1
    size = int(others.max()) + 1
    links = sparse.coo_matrix((np.ones(len(alike)), (alike, others)), shape=(size, size))
    component = connected_components(links, directed=False)[1]
    return np.asarray(component[alike], dtype=np.int64)


def assign_folds(truth: Ints, groups: Ints, folds: int = FOLDS, seed: int = 0) -> Ints:
    """A fold (0 to `folds` - 1) per text, classes spread evenly, groups kept together."""
    from sklearn.model_selection import StratifiedGroupKFold

    result = np.zeros(len(truth), dtype=np.int64)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():  # a label with fewer texts than folds is no error here
        warnings.simplefilter("ignore", UserWarning)
        for fold, (_, test) in enumerate(splitter.split(truth, truth, groups)):
            result[test] = fold
    return result


def fit(counted: Sequence[Counted], truth: Ints, rows: Ints, classes: int) -> tuple[list[Weighing], ridge.Floats]:
    """Weighings and weights learnt from `rows`."""
    weighings = weigh_views(counted, rows, classes)
    return weighings, ridge.fit(matrix(counted, weighings, rows), truth[rows], classes)


def cross_validate(counted: Sequence[Counted], truth: Ints, folds: Ints, classes: int, say: Progress) -> HeldOut:
    """Held-out scores from one model per fold, then calibration and threshold from the other folds' scores."""
    scores = np.zeros((len(truth), classes))
    for fold in range(FOLDS):
        say("cross-validating", fold / FOLDS)
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        weighings, weights = fit(counted, truth, inside, classes)
        scores[outside] = matrix(counted, weighings, outside) @ weights
    probabilities = np.zeros_like(scores)
    for fold in range(FOLDS):
        inside, outside = folds != fold, folds == fold
        probabilities[outside] = calibrate.fit(scores[inside], truth[inside], classes).apply(scores[outside])
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    decided = np.zeros(len(truth), dtype=bool)
    for fold in range(FOLDS):
        inside, outside = folds != fold, folds == fold
        decided[outside] = confidence[outside] >= measures.threshold_for(confidence[inside], right[inside], _AIM)
    return HeldOut(probabilities, decided, scores)


def _report(held_out: HeldOut, truth: Ints, labels: list[str]) -> dict[str, Any]:
    confidence = held_out.probabilities.max(axis=1)
    right = held_out.probabilities.argmax(axis=1) == truth
    own = measures.decided_share(held_out.decided, right, 0.0)
    at = {
        str(precision): measures.coverage_at(confidence, right, measures.threshold_for(confidence, right, precision))
        for precision in (0.95, 0.98)
    }
    return {
        "folds": FOLDS,
        "labels": labels,
        "texts": len(truth),
        "threshold": measures.threshold_for(confidence, right, _AIM),
        "coverage": own.coverage,
        "precision_at_coverage": own.precision,
        "coverage_at_precision": {key: one.coverage for key, one in at.items()},
        **measures.summary(truth, held_out.probabilities, labels),
    }


def _headline(report: dict[str, Any]) -> dict[str, Any]:
    keys = ("macro_f1", "accuracy", "ece", "coverage", "precision_at_coverage", "coverage_at_precision", "folds")
    return {key: report[key] for key in keys}


def describe(texts: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    """What a model was trained on, without a word of it: a hash over texts and labels, and how many there were."""
    digest = hashlib.sha256()
    for text, label in zip(texts, labels, strict=True):
        digest.update(f"{len(text)}:{text}\x1f{label}\x1e".encode())
    return {"sha256": digest.hexdigest(), "texts": len(texts)}
