"""Train a classifier from a file of labelled texts, or from the tickets whose category a person confirmed."""

from __future__ import annotations

import json
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nlp import classify
from nlp.classify import tables
from nlp.classify.page import page
from ticketing import learning


class Command(BaseCommand):
    help = "Train a classifier, cross-validate it, and write model, manifest and report to a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="CSV (UTF-8 or GBK) with a heading line")
        parser.add_argument("--text", help="column with the text")
        parser.add_argument("--label", help="column with the category (levels joined with /)")
        parser.add_argument("--from-database", action="store_true", help="learn from confirmed tickets, not a file")
        parser.add_argument("--out", required=True, type=Path, help="folder for the model")

    def handle(self, *args: object, **options: Any) -> None:
        out: Path = options["out"]
        _may_be_written(out)
        try:
            texts, labels, groups = _examples(options)
            self.stderr.write(self.style.NOTICE(f"{len(texts)} texts, {len(set(labels))} labels"))
            model = classify.train(texts, labels, groups, progress=self._say)
            classify.save(model, out)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        (out / "report.json").write_text(json.dumps(model.report, ensure_ascii=False, indent=1), "utf-8")
        (out / "report.md").write_text(page(model.report), "utf-8")
        self._summarise(model.report, out)

    def _say(self, step: str, share: float) -> None:
        self.stderr.write(self.style.NOTICE(f"{step} {share:.0%}"))
        self.stderr.flush()

    def _summarise(self, report: dict[str, Any], out: Path) -> None:
        self.stdout.write(
            f"macro-F1 {report['macro_f1']:.4f}, accuracy {report['accuracy']:.4f}, ECE {report['ece']:.4f}; "
            f"decides {report['coverage']:.1%} alone, {report['precision_at_coverage']:.2%} of them rightly"
        )
        self.stdout.write(self.style.SUCCESS(f"model and report.md in {out}"))


def _may_be_written(out: Path) -> None:
    """Refuses a folder that could not be written, before the minutes of training. Raises CommandError."""
    nearest = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise CommandError(f"{nearest} is a file; --out needs a folder")
    try:
        Path(tempfile.mkdtemp(dir=nearest)).rmdir()
    except OSError as error:
        raise CommandError(
            f"{nearest} may not be written ({error.strerror}); --out needs a folder that may be"
        ) from None


def _examples(options: dict[str, Any]) -> tuple[list[str], list[str], list[str] | None]:
    """Texts, labels and, from the database, what must stay in one fold."""
    given = [options["file"], options["text"], options["label"]]
    if options["from_database"]:
        if any(given):
            raise CommandError("--from-database takes no file, --text or --label")
        found = learning.examples()
        return found.texts, found.labels, found.groups
    if not all(given):
        raise CommandError("name FILE.csv with --text COLUMN and --label COLUMN, or --from-database")
    texts, labels = tables.labelled(*given)
    return list(texts), list(labels), None
