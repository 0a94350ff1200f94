"""Compares the search index with the database and repairs it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ticketing.search import sources
from ticketing.search.documents import SearchUnavailable
from ticketing.search.sync import Difference, check, repair


class Command(BaseCommand):
    help = "Compare the search index with the database, repair what differs, and compare again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-repair", action="store_true", help="only compare; exit code 1 when they differ")
        parser.add_argument("--only", choices=sorted(sources.all_sources()), help="only this index")

    def handle(self, *args: Any, **options: Any) -> None:
        clean = True
        for name, (engine, source) in sources.all_sources().items():
            if options["only"] not in (None, name):
                continue
            try:
                found = check(engine(), source) if options["no_repair"] else repair(engine(), source)
                self._tell(name, found)
                if not options["no_repair"] and not found.clean:
                    found = check(engine(), source)
                    self._tell(f"{name} after repair", found)
            except SearchUnavailable as error:
                raise CommandError(str(error)) from error
            clean = clean and found.clean
        if not clean:
            raise CommandError("index and database differ; a rebuild (rebuild_search) mends what a repair does not")

    def _tell(self, name: str, found: Difference) -> None:
        if found.clean:
            self.stdout.write(f"{name}: clean, {found.compared} documents")
        else:
            self.stdout.write(
                f"{name}: {found.compared} documents, {found.missing} missing, {found.behind} behind, "
                f"{found.surplus} too many, {found.ahead} ahead of the database"
            )
