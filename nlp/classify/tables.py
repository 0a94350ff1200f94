"""Texts and labels from CSV files, and what models say about them."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp import opening

if TYPE_CHECKING:
    from nlp.classify.trained import TrainedModel


class TableError(ValueError):
    """The file cannot be used; the text says what is wrong and what is accepted."""


@dataclass(frozen=True)
class Table:
    """A CSV file in memory: its headings, and a dictionary per row."""

    headings: list[str]
    rows: list[dict[str, str]]

    def column(self, name: str) -> list[str]:
        """All values of one column."""
        return [row[name] for row in self.rows]


def read(path: str | Path, *columns: str) -> Table:
    """Reads CSV with a heading line (UTF-8, GB18030, or marked UTF-16) and checks that `columns` are there, each once.

    Raises TableError.
    """
    path = Path(path)
    try:
        with opening.table(path, columns) as reader:
            headings = list(reader.fieldnames or ())
            missing = [name for name in columns if name not in headings]
            if missing:
                raise TableError(f"{path} has no column {', '.join(missing)}; it has: {', '.join(headings) or 'none'}")
            twice = [name for name in columns if headings.count(name) > 1]
            if twice:
                raise TableError(f"{path} has column {', '.join(twice)} more than once; rename one of them")
            rows = [{name: row.get(name) or "" for name in headings} for row in reader]
    except FileNotFoundError:
        raise TableError(f"{path} does not exist") from None
    except (OSError, UnicodeError, csv.Error, opening.NoTable) as error:
        raise TableError(f"{path} cannot be read: {error}") from error
    if not rows:
        raise TableError(f"{path} has a heading but no rows")
    return Table(headings, rows)


def labelled(path: str | Path, text: str, label: str) -> tuple[list[str], list[str]]:
    """Texts and labels of a file; rows without text or label are left out."""
    table = read(path, text, label)
    pairs = [(row[text], row[label].strip()) for row in table.rows if row[text].strip() and row[label].strip()]
    if not pairs:
        raise TableError(f"{path}: no row has both {text} and {label}")
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


#: What `evaluate_classifier --json` prints.
AGREED = ("macro_f1", "accuracy", "ece", "coverage", "precision_at_coverage", "per_class", "ms_per_text")


def evaluate(
    model: TrainedModel, texts: list[str], labels: list[str], progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Measures of a model on labelled texts: `AGREED`, with coverage and precision at the model's own threshold and
    ms_per_text as CPU, one text at a time; and reliability, confusion and more. Labels that the model does not know
    count as wrong. `progress` is told how many texts are done.
    """
    import numpy as np

    from nlp.classify import measures

    names = sorted(set(model.labels) | set(labels))
    number = {name: at for at, name in enumerate(names)}
    columns = [number[name] for name in model.labels]
    truth = np.array([number[label] for label in labels])
    probabilities = np.zeros((len(texts), len(names)))
    model.probabilities(texts[0])
    started = time.process_time()
    for at, text in enumerate(texts):
        probabilities[at, columns] = model.probabilities(text)
        if progress:
            progress(at + 1)
    spent = time.process_time() - started
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    own = measures.coverage_at(confidence, right, model.threshold)
    return {
        **measures.summary(truth, probabilities, names),
        "labels": names,
        "texts": len(texts),
        "threshold": model.threshold,
        "coverage": own.coverage,
        "precision_at_coverage": own.precision,
        "ms_per_text": spent * 1000 / len(texts),
    }


ADDED = ("label", "probability", "abstained", "top_words")


def classified(model: TrainedModel, table: Table, text: str, progress: Callable[[int], None]) -> Iterator[list[str]]:
    """Heading and rows of `table` with what the model says of each text added. A column that would be overwritten gets
    the prefix `model_` instead."""
    added = [f"model_{name}" if name in table.headings else name for name in ADDED]
    yield [*table.headings, *added]
    for done, row in enumerate(table.rows, start=1):
        result = model.classify(row[text])
        best = result.ranked[0]
        told = [best.label, f"{best.probability:.4f}", str(result.abstained).lower(), " ".join(best.top_terms)]
        yield [*(row[name] for name in table.headings), *told]
        progress(done)
