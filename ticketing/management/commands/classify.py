"""Classify the texts of a file with a trained model."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
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
        if out.resolve() == options["file"].resolve():
            raise CommandError("--out is the file that is read; name another one")
        try:
            table = tables.read(options["file"], options["text"])
            model = classify.load(options["model"])
            with out.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(tables.classified(model, table, options["text"], self._say))
        except (tables.TableError, ModelError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"{len(table.rows)} rows in {out}"))

    def _say(self, done: int) -> None:
        if done % 1000 == 0:
            self.stderr.write(self.style.NOTICE(f"{done} rows"))
