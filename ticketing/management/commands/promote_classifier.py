"""`manage.py promote_classifier DIR`: a person puts a trained model into service."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ticketing.classifying import promote


class Command(BaseCommand):
    help = (
        "Put a trained model into service. Its labels must be paths of the category tree. From then on tickets above "
        "its threshold may be dispatched by machine, except 举报, 保密, urgent and suspected-110 ones."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="a folder made by train_classifier")

    def handle(self, *args: object, **options: object) -> None:
        try:
            target = promote(Path(str(options["folder"])))
        except (ValueError, OSError) as error:
            raise CommandError(f"{options['folder']}: {error}") from error
        self.stdout.write(f"in service: {target}; the model before it is kept as {target.with_name('previous')}")
