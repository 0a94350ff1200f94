"""`manage.py load_items [FILE] [--points]`: the service items that citizens rate, from a CSV file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from directory.loading import BadFile
from ticketing.reviews import items


class Command(BaseCommand):
    help = "Load service items (code, name, unit, active) from a CSV file; without one, the demo city's. Repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=items.DEMO, help="a .csv file")
        parser.add_argument("--points", action="store_true", help="give each item without one a printable rating code")

    def handle(self, *args: object, **options: object) -> None:
        path = Path(str(options["file"]))
        try:
            count = items.load(path)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}; a CSV file with code, name, unit is accepted") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{path}: not UTF-8") from error
        except BadFile as error:
            raise CommandError(str(error)) from error
        made = f", {items.give_points()} rating points made" if options["points"] else ""
        self.stdout.write(f"{count} service items{made}")
