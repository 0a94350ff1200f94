"""Counting the pieces of many texts, and weighing them (TF-IDF) for the texts that a fold trains on."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from nlp.classify.subjects import Subjects
from nlp.classify.views import VIEWS, pieces
from nlp.segment import Segmenter

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Counted:
    """Counts of one view: a row per text, a column per piece."""

    vocabulary: list[str]
    matrix: sparse.csr_matrix


def count(texts: Sequence[str], segmenter: Segmenter, subjects: Subjects, progress: Progress) -> list[Counted]:
    """Counts of all views of `texts`."""
    counters = [_Counter() for _ in VIEWS]
    for done, text in enumerate(texts):
        for counter, found in zip(counters, pieces(text, segmenter, subjects), strict=True):
            counter.add(found)
        if done % 500 == 0:
            progress("counting", done / len(texts))
    return [counter.result() for counter in counters]


class _Counter:
    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._columns = array("i")
        self._values = array("f")
        self._starts = array("q", [0])

    def add(self, found: list[str]) -> None:
        index = self._index
        for piece, times in Counter(found).items():
            self._columns.append(index.setdefault(piece, len(index)))
            self._values.append(times)
        self._starts.append(len(self._columns))

    def result(self) -> Counted:
        columns = np.frombuffer(self._columns, np.int32) if self._columns else np.zeros(0, np.int32)
        values = np.frombuffer(self._values, np.float32) if self._values else np.zeros(0, np.float32)
        shape = (len(self._starts) - 1, len(self._index))
        matrix = sparse.csr_matrix((values, columns, np.frombuffer(self._starts, np.int64)), shape=shape)
        return Counted(list(self._index), matrix)


@dataclass(frozen=True)
class Weighing:
    """Which pieces of one view are kept, and their weights: `1 + ln(texts / texts with the piece)`, smoothed."""

    kept: npt.NDArray[np.int64]
    idf: Floats
    weight: float

    def apply(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Rows of `(1 + ln count) * idf`, each of length `weight`."""
        rows = counts[:, self.kept].astype(np.float32)
        rows.data = (1 + np.log(rows.data)) * self.idf[rows.indices]
        lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        scale = self.weight / np.where(lengths > 0, lengths, 1)
        return sparse.csr_matrix(sparse.diags(scale.astype(np.float32)) @ rows)


def weigh(counts: sparse.csr_matrix, *, min_texts: int, weight: float, most: int) -> Weighing:
    """What the texts in `counts` say about the pieces; at most `most` pieces, the commonest."""
    texts, columns = counts.shape
    with_piece = np.bincount(counts.indices, minlength=columns)
    kept = np.flatnonzero(with_piece >= min_texts)
    if len(kept) > most:
        kept = np.sort(kept[np.argsort(-with_piece[kept], kind="stable")[:most]])
    idf = 1 + np.log((1 + texts) / (1 + with_piece[kept]))
    return Weighing(kept, idf.astype(np.float32), weight)


#: Of all weights of a model together: 60 MB on disk at two bytes each, with room for the vocabulary.
MAX_WEIGHTS = 18_000_000
MAX_PIECES = 1_200_000


def weigh_views(counted: Sequence[Counted], rows: npt.NDArray[np.int64], classes: int) -> list[Weighing]:
    """One weighing per view, learnt from `rows` only."""
    most = min(MAX_PIECES, MAX_WEIGHTS // classes) // len(VIEWS)
    total = sum(view.weight**2 for view in VIEWS) ** 0.5
    return [
        weigh(one.matrix[rows], min_texts=view.min_texts, weight=view.weight / total, most=most)
        for one, view in zip(counted, VIEWS, strict=True)
    ]


def matrix(counted: Sequence[Counted], weighings: Sequence[Weighing], rows: npt.NDArray[np.int64]) -> sparse.csr_matrix:
    """The views of `rows` side by side; the whole row has length 1."""
    views = [weighing.apply(one.matrix[rows]) for one, weighing in zip(counted, weighings, strict=True)]
    return sparse.csr_matrix(sparse.hstack(views, format="csr", dtype=np.float32))
