"""`manage.py monthly_report --month YYYY-MM`: write the month's report as Word and PDF files."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from dashboards import report
from dashboards.measures.scope import month_of


class Command(BaseCommand):
    help = "Write the monthly report of a month, as .docx and .pdf."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", required=True, help="YYYY-MM")

    def handle(self, *args: object, **options: object) -> None:
        try:
            first = month_of(str(options["month"]))
        except ValueError as error:
            raise CommandError(f"--month：{error}") from error
        self.stdout.write("\n".join(str(path) for path in report.write(first)))
