"""Classify the texts of a file with a trained model."""

from __future__ import annotations

import csv
import os
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nlp import classify
from nlp.classify import tables


class Command(BaseCommand):
    help = "Add label, probability, abstained and top_words to every row of a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV (UTF-8 or GBK) with a heading line")
        parser.add_argument("--text", required=True, help="column with the text")
        parser.add_argument("--model", required=True, type=Path, help="folder of the model")
        parser.add_argument("--out", required=True, type=Path, help="CSV to write")

    def handle(self, *args: object, **options: Any) -> None:
        from nlp.classify.store import ModelError

        out: Path = options["out"]
        _may_be_written(out, options["file"])
        try:
            table = tables.read(options["file"], options["text"])
            model = classify.load(options["model"])
        except (tables.TableError, ModelError) as error:
            raise CommandError(str(error)) from error
        told = tables.classified(model, table, options["text"], self._say)
        _write(out, _without_text(told, table.column(options["text"])))
        self.stdout.write(self.style.SUCCESS(f"{len(table.rows)} rows in {out}"))

    def _say(self, done: int) -> None:
        if done % 1000 == 0:
            self.stderr.write(self.style.NOTICE(f"{done} rows"))


def _may_be_written(out: Path, source: Path) -> None:
    """Refuses what could not be written, before the minutes of reading and classifying. Raises CommandError."""
    if out.resolve() == source.resolve():
        raise CommandError("--out is the file that is read; name another one")
    if out.is_dir():
        raise CommandError(f"--out {out} is a folder; name the CSV file to write")
    if not out.parent.is_dir():
        raise CommandError(f"the folder of --out {out} does not exist; make {out.parent} first, or name another one")
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        raise CommandError(f"--out {out} may not be written; name a file in a folder that may be")


def _without_text(told: Iterable[list[str]], texts: list[str]) -> Iterator[list[str]]:
    """The rows, where a row without text has no label: what the model would say of nothing is chance."""
    rows = iter(told)
    yield next(rows)
    for row, text in zip(rows, texts, strict=True):
        yield row if text.strip() else [*row[: -len(tables.ADDED)], "", "0.0000", "true", ""]


def _write(out: Path, rows: Iterable[list[str]]) -> None:
    """The whole file. Raises CommandError, for example where the disk is full."""
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    except OSError as error:
        raise CommandError(f"--out {out} cannot be written: {error.strerror or error}") from error
