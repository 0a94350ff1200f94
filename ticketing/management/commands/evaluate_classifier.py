"""Measure a trained classifier on a file of labelled texts."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nlp import classify
from nlp.classify import tables


class Command(BaseCommand):
    help = "Measure a model on labelled texts; coverage and precision are those of its own threshold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV (UTF-8 or GBK) with a heading line")
        parser.add_argument("--text", required=True, help="column with the text")
        parser.add_argument("--label", required=True, help="column with the true category")
        parser.add_argument("--model", required=True, type=Path, help="folder of the model")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
        parser.add_argument("--details", action="store_true", help="with --json: confusion, reliability, threshold too")

    def handle(self, *args: object, **options: Any) -> None:
        from nlp.classify.store import ModelError

        try:
            texts, labels = tables.labelled(options["file"], options["text"], options["label"])
            measured = tables.evaluate(classify.load(options["model"]), texts, labels, self._say)
        except (tables.TableError, ModelError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            told = measured if options["details"] else {key: measured[key] for key in tables.AGREED}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        for key in ("macro_f1", "accuracy", "ece", "coverage", "precision_at_coverage", "ms_per_text"):
            self.stdout.write(f"{key:22} {measured[key]:.4f}")
        for label, one in measured["per_class"].items():
            self.stdout.write(f"{label} F1 {one['f1']:.4f} ({one['texts']} texts)")

    def _say(self, done: int) -> None:
        if done % 1000 == 0:
            self.stderr.write(self.style.NOTICE(f"{done} texts"))
