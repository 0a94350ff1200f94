"""`manage.py export_tickets --csv`: tickets with their times, limits and flags; no personal data, no texts."""

from __future__ import annotations

import csv
import os
import sys
from argparse import ArgumentParser
from datetime import date, datetime, time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from directory.worktime.calendar import FIRST_DAY, LAST_DAY
from ticketing.bulk.exporting import COLUMNS, rows
from ticketing.models import Ticket
from ticketing.terms import Channel


class Command(BaseCommand):
    help = f"Export tickets as CSV to standard output. Columns: {', '.join(COLUMNS)}"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--csv", action="store_true", required=True, help="the format (the only one)")
        parser.add_argument("--from", dest="since", metavar="DAY", help="accepted on or after this day (YYYY-MM-DD)")
        parser.add_argument("--to", dest="until", metavar="DAY", help="accepted on or before this day")
        parser.add_argument("--channel", choices=Channel.values, help="only this channel")

    def handle(self, *args: object, **options: object) -> None:
        tickets = Ticket.objects.all()
        since = self._day(str(options["since"]), time.min) if options["since"] else None
        until = self._day(str(options["until"]), time.max) if options["until"] else None
        if since and until and since > until:
            raise CommandError(f"--from {options['since']} is later than --to {options['until']}")
        if since:
            tickets = tickets.filter(created_at__gte=since)
        if until:
            tickets = tickets.filter(created_at__lte=until)
        if options["channel"]:
            tickets = tickets.filter(channel=str(options["channel"]))
        try:
            writer = csv.writer(sys.stdout)
            writer.writerow(COLUMNS)
            for row in rows(tickets):
                writer.writerow(row)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read has seen enough; Python would complain once more at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    @staticmethod
    def _day(text: str, clock: time) -> datetime:
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"{text!r} is not a day; YYYY-MM-DD is accepted") from error
        if not FIRST_DAY <= day <= LAST_DAY:
            raise CommandError(f"{text!r}: days from {FIRST_DAY} to {LAST_DAY} are accepted")
        return timezone.make_aware(datetime.combine(day, clock))
