"""`manage.py rebuild_rollups [--check]`: make the daily rollups anew, or prove that they are right."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from dashboards.rollups.feed import catch_up
from dashboards.rollups.rebuild import check, empty, rebuild


class Command(BaseCommand):
    help = "Rebuild the daily rollups from the stored tickets, calls and reviews."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="compare with the stored rows; empty rollups are rebuilt first"
        )

    def handle(self, *args: object, **options: object) -> None:
        if not options["check"]:
            self.stdout.write(f"{rebuild(self._say)} subjects counted")
            return
        catch_up()
        if empty():
            self.stdout.write(f"the rollups were empty: {rebuild(self._say)} subjects counted anew")
        self._check()

    def _say(self, text: str) -> None:
        """What is being counted, for whoever waits at a terminal; a million tickets take minutes."""
        if self.stderr.isatty():
            self.stderr.write(text)

    def _check(self) -> None:
        found = check(self._say)
        for (city, cut, counter, day, key), was, is_now in found.examples:
            self.stdout.write(f"{city} {cut or 'all'} {counter} {day} {key or '-'}: stored {was}, counted {is_now}")
        if found:
            raise CommandError(f"{found.rows} rows and {found.subjects} subjects differ; run rebuild_rollups")
        self.stdout.write("no difference")
