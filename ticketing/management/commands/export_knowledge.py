"""Writes the published knowledge entries to a CSV or XLSX file that import_knowledge reads."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ticketing.knowledge import exchange
from ticketing.knowledge.models import EntryState, KnowledgeEntry


class Command(BaseCommand):
    help = "Export the published knowledge entries to a .csv or .xlsx file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--public", action="store_true", help="only what citizens may read")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        rows = KnowledgeEntry.objects.filter(state=EntryState.PUBLISHED).select_related("category", "owner")
        if options["public"]:
            rows = rows.filter(public=True)
        try:
            if path.suffix == ".csv":
                with path.open("w", encoding="utf-8", newline="") as text:
                    exchange.write_csv(rows.iterator(), text)
            elif path.suffix == ".xlsx":
                with path.open("wb") as binary:
                    exchange.write_xlsx(rows.iterator(), binary)
            else:
                raise CommandError(f"{path.name}: accepted are .csv and .xlsx")
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{rows.count()} entries written to {path.name}")
