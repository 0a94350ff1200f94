"""`manage.py verify_journal`: names the first altered row of every ticket whose journal does not hold."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from ticketing.journal.verify import Tally, faults
from ticketing.outbox.reading import drain


class Command(BaseCommand):
    help = "Check every ticket's journal: chain, anchor, replay. Exit status 1 when something was altered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the faults as JSON")

    def handle(self, *args: object, **options: object) -> None:
        drain()  # heads still on their way to the anchor
        tally = Tally()
        found = list(faults(tally=tally))
        if options["json"]:
            self.stdout.write(json.dumps([fault.__dict__ for fault in found], ensure_ascii=False))
        else:
            for fault in found:
                where = f"event {fault.seq}" if fault.seq else "the row"
                self.stdout.write(f"{fault.number or '-'} {where}: {fault.what}")
            self.stdout.write(f"{tally.tickets} tickets checked, {len(found)} with a fault")
            if tally.older:
                self.stdout.write(
                    f"{tally.older} tickets began before rows were digested: of theirs, what no later action wrote"
                    " (replies, shares, notes and the like) was not checked"
                )
        if found:
            sys.exit(1)
