"""`manage.py load_city [FOLDER]`: regions, units, categories, duties, staff and seats from CSV files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from directory.loading import DATA, BadFile, load_city


class Command(BaseCommand):
    help = "Load a city's directory from CSV files (default: the demo city). Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=DATA, help="folder with regions.csv …")
        parser.add_argument("--password", default="hotline12345", help="password of accounts that are new")

    def handle(self, *args: object, **options: object) -> None:
        folder = Path(str(options["folder"]))
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder; a folder with regions.csv, departments.csv … is accepted")
        try:
            counts = load_city(folder, str(options["password"]))
        except BadFile as error:
            raise CommandError(str(error)) from error
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))
