"""`manage.py freeze_appraisal --month YYYY-MM [--reason TEXT] [--check]`: freeze a month's appraisal, or prove all."""

from __future__ import annotations

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboards import appraisal
from dashboards.measures.scope import month_of
from dashboards.models import Appraisal
from ticketing.errors import TicketError


class Command(BaseCommand):
    help = "Freeze the appraisal of an ended month, or recompute every frozen one and compare."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", help="YYYY-MM")
        parser.add_argument("--reason", default="", help="why a frozen month is corrected")
        parser.add_argument("--check", action="store_true", help="recompute every frozen appraisal")

    def handle(self, *args: object, **options: object) -> None:
        if options["check"]:
            broken = [str(row) for row in Appraisal.objects.all() if not appraisal.intact(row)]
            if broken:
                raise CommandError(f"altered: {', '.join(broken)}")
            self.stdout.write("every frozen appraisal recomputes to itself")
            return
        try:
            first = month_of(str(options["month"]))
        except ValueError as error:
            raise CommandError(f"--month：{error}") from error
        try:
            row = appraisal.freeze(settings.CITY_REGION, first, reason=str(options["reason"]))
        except TicketError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{row}: {len(row.scores)} units, {row.digest}")
