"""`manage.py recompute_clocks --check`: every deadline once more from the journal, compared with what is stored."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from ticketing.clocks.recalendar import recalculate_provisional
from ticketing.clocks.recompute import differences


class Command(BaseCommand):
    help = "Recompute clocks: --check compares with the journal; without it, provisional dates follow the calendar."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only compare; exit status 1 on a difference")

    def handle(self, *args: object, **options: object) -> None:
        if not options["check"]:
            self.stdout.write(f"{recalculate_provisional()} provisional clocks moved")
            return
        count = 0
        for found in differences():
            count += 1
            self.stdout.write(f"{found.number} {found.clock} {found.what}: {found.stored} ≠ {found.computed}")
        self.stdout.write(f"{count} differences")
        if count:
            sys.exit(1)
