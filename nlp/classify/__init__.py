"""Which category a text belongs to: a cold start from category words, and models trained from past tickets.

Both answer `classify(text, title=…)` with a `Classification`. Importing this package loads nothing heavy: `load` and
`train` bring in numpy, scipy and scikit-learn when they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.classify.result import Classification, Classifier, Ranked

if TYPE_CHECKING:
    from nlp.classify.trained import TrainedModel

__all__ = ["Classification", "Classifier", "Ranked", "load", "save", "train"]


def load(folder: str | Path) -> TrainedModel:
    """The trained model in `folder`. Raises nlp.classify.store.ModelError if it may not be loaded."""
    from nlp.classify import store

    return store.load(folder)


def save(model: TrainedModel, folder: str | Path) -> None:
    """Writes a model with its manifest to `folder`."""
    from nlp.classify import store

    store.save(model, folder)


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[Hashable] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> TrainedModel:
    """A model trained on labelled texts, with its cross-validation; see nlp.classify.training.train."""
    from nlp.classify.training import train as run

    return run(texts, labels, groups, progress)
