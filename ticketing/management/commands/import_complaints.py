"""`manage.py import_complaints FILE.csv`: complaints of another system, as new ones or as history."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from nlp.opening import ACCEPTED, NoTable
from ticketing.bulk.importing import Tally, import_file
from ticketing.bulk.rows import NEEDED, OPTIONAL
from ticketing.intake.report import SOURCE
from ticketing.terms import Channel


class Command(BaseCommand):
    help = (
        f"Import complaints. Columns: {', '.join(NEEDED)}[, {', '.join(OPTIONAL)}]. Wrong rows go to the rejects file; "
        "the rest goes in; a second run adds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--channel", default=Channel.WEB, choices=Channel.values)
        parser.add_argument("--source", default="", help="whose ids these are, when several systems share a channel")
        parser.add_argument("--history", action="store_true", help="let each row walk its life at its own times")
        parser.add_argument("--rejects", type=Path, help="where wrong rows go, with row number and reason")
        parser.add_argument("--json", action="store_true", help="print the tally as JSON, last")

    def handle(self, *args: object, **options: object) -> None:
        path, rejects, source = Path(str(options["file"])), options["rejects"], str(options["source"])
        if source and not SOURCE.fullmatch(source):
            raise CommandError(f"--source {source!r}: letters, digits, - and _ are accepted, at most 40")
        total = self._rows(path)

        def show(tally: Tally) -> None:
            if sys.stderr.isatty():
                done = round(40 * tally.rows / max(total, 1))
                self.stderr.write(f"\r[{'#' * done}{'.' * (40 - done)}] {tally.rows}", ending="")

        try:
            tally = import_file(
                path,
                channel=str(options["channel"]),
                source=source,
                history=bool(options["history"]),
                rejects=Path(str(rejects)) if rejects else None,
                progress=show,
            )
        except NoTable as error:
            raise CommandError(f"{path}: {error}") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be read or the rejects file not written: {error.strerror}") from error
        if sys.stderr.isatty():
            self.stderr.write("")
        if options["json"]:
            self.stdout.write(json.dumps(asdict(tally)))
        else:
            self.stdout.write(f"{tally.accepted} accepted, {tally.duplicates} known already, {tally.rejected} rejected")
            if tally.rejected and not rejects:
                self.stdout.write("name a file with --rejects to see why rows were rejected")

    @staticmethod
    def _rows(path: Path) -> int:
        """Lines of the file, for the progress bar: an upper bound of its rows."""
        if path.exists() and not path.is_file() and not path.is_dir():
            raise CommandError(f"{path} is a pipe or a device, and a file is read more than once: save it first")
        try:
            with path.open("rb") as file:
                return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}; {ACCEPTED}") from error
