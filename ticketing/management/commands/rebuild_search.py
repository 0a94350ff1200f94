"""Builds the search index anew beside the old one and swaps."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ticketing.search import sources
from ticketing.search.documents import SearchUnavailable
from ticketing.search.sync import rebuild


class Command(BaseCommand):
    help = "Build the search index anew beside the old one, then swap; readers never see an empty index."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=sorted(sources.all_sources()), help="only this index")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, (engine, source) in sources.all_sources().items():
            if options["only"] in (None, name):
                try:
                    written = rebuild(engine(), source, self._progress)
                except SearchUnavailable as error:
                    raise CommandError(str(error)) from error
                self.stdout.write(f"{name}: {written} documents")

    def _progress(self, done: int, total: int) -> None:
        if done % 10_000 < 1000:
            self.stderr.write(f"{done} of {total}")
