"""A trained model at work: looked-up rows added up, no library but numpy, the words that decided named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.classify.calibrate import Calibration
from nlp.classify.result import Classification, Ranked
from nlp.classify.subjects import Keywords, Subjects
from nlp.classify.views import joined, pieces
from nlp.segment import Segmenter

#: How many of the first views have pieces that are words a person can read.
_READABLE = 2
_TERMS = 5


@dataclass(frozen=True)
class Parts:
    """What a model is made of. `vocabulary` and `idf` have one entry per view; `weights` has a row per piece, the views
    one after the other, and a column per label. `keywords` is the list as it was at training: later edits of the file
    reach the next model."""

    labels: list[str]
    vocabulary: list[list[str]]
    idf: list[npt.NDArray[np.float32]]
    view_weights: list[float]
    weights: npt.NDArray[np.float16]
    calibration: Calibration
    threshold: float
    user_words: dict[str, int]
    keywords: Keywords


@dataclass(frozen=True)
class TrainedModel:
    """A linear model over words and characters with calibrated probabilities. Safe to share between threads."""

    parts: Parts
    segmenter: Segmenter
    report: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    _index: list[dict[str, int]] = field(init=False, repr=False, compare=False)
    _subjects: Subjects = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tables: list[dict[str, int]] = []
        start = 0
        for vocabulary in self.parts.vocabulary:
            tables.append(dict(zip(vocabulary, range(start, start + len(vocabulary)), strict=True)))
            start += len(vocabulary)
        object.__setattr__(self, "_index", tables)
        object.__setattr__(self, "_subjects", Subjects(self.parts.keywords))

    @property
    def labels(self) -> list[str]:
        return self.parts.labels

    @property
    def threshold(self) -> float:
        """The probability from which the model decides alone; above 1 when it never should."""
        return self.parts.threshold

    def classify(self, text: str, *, title: str = "") -> Classification:
        """Ranked categories for one text, the words that decided for the first three, and whether it abstains."""
        views = self._look_up(joined(text, title))
        probabilities = self._probabilities(views)
        order = np.argsort(-probabilities, kind="stable")
        ranked = tuple(
            Ranked(self.labels[at], float(probabilities[at]), self._terms(views, int(at)) if place < 3 else ())
            for place, at in enumerate(order)
        )
        return Classification(ranked, ranked[0].probability < self.threshold, self.threshold)

    def probabilities(self, text: str, *, title: str = "") -> npt.NDArray[np.float64]:
        """Probabilities in the order of `labels`, without ranking or words: for measuring many texts."""
        return self._probabilities(self._look_up(joined(text, title)))

    def _look_up(self, text: str) -> list[_Found]:
        found = []
        start = 0
        for every, table, idf, weight in zip(
            pieces(text, self.segmenter, self._subjects),
            self._index,
            self.parts.idf,
            self.parts.view_weights,
            strict=True,
        ):
            counts = Counter(map(table.get, every))
            counts.pop(None, None)
            rows = np.fromiter(counts.keys(), np.int64, len(counts))
            times = np.fromiter(counts.values(), np.float32, len(counts))
            values = (1 + np.log(times)) * idf[rows - start]
            length = float(np.sqrt(values @ values))
            found.append(_Found(rows, values * (weight / length if length else 0.0)))
            start += len(table)
        return found

    def _probabilities(self, views: list[_Found]) -> npt.NDArray[np.float64]:
        rows = np.concatenate([view.rows for view in views])
        values = np.concatenate([view.values for view in views])
        scores = values @ self.parts.weights[rows].astype(np.float32)
        probabilities: npt.NDArray[np.float64] = self.parts.calibration.apply(scores[None, :])[0]
        return probabilities

    def _terms(self, views: list[_Found], label: int) -> tuple[str, ...]:
        """Words that spoke most for `label` compared with the other labels."""
        gains: dict[str, float] = {}
        start = 0
        for view in range(_READABLE):
            found = views[view]
            weights = self.parts.weights[found.rows].astype(np.float32)
            gain = found.values * (weights[:, label] - weights.mean(axis=1))
            for at in np.argsort(-gain)[: 6 * _TERMS]:
                word = self.parts.vocabulary[view][found.rows[at] - start]
                if gain[at] > 0 and len(word) > 1 and not (" " in word or word.isascii()):
                    gains[word] = gains.get(word, 0.0) + float(gain[at])
            start += len(self.parts.vocabulary[view])
        return _without_overlap(sorted(gains, key=lambda word: -gains[word]))


@dataclass(frozen=True)
class _Found:
    rows: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


def _without_overlap(words: list[str]) -> tuple[str, ...]:
    """The first few words, none inside another one."""
    chosen: list[str] = []
    for word in words:
        if len(chosen) == _TERMS:
            break
        if not any(word in other or other in word for other in chosen):
            chosen.append(word)
    return tuple(chosen)
