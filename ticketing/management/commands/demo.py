"""`manage.py demo --stage quiet|busy|storm`: fills the demo city with believable tickets in every state."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from directory.loading import BadFile
from ticketing.bulk.demo import STAGES, Director
from ticketing.clocks.poller import fire_all
from ticketing.reviews import items


class Command(BaseCommand):
    help = "Fill the demo city with self-written complaints that walk the real lifecycle at past times."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stage", default="quiet", choices=sorted(STAGES))

    def handle(self, *args: object, **options: object) -> None:
        stage = str(options["stage"])

        def show(count: int) -> None:
            if sys.stderr.isatty():
                self.stderr.write(f"\r{count}/{STAGES[stage][0]}", ending="")

        try:
            new = Director(stage).play(show)
            items.load(items.DEMO)
        except (LookupError, BadFile) as error:
            raise CommandError(str(error)) from error
        items.give_points()
        fire_all()
        self.stdout.write(f"{new} new tickets ({stage})")
