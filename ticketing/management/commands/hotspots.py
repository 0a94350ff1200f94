"""Print the hot topics of a file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nlp import hotspots
from nlp.hotspots.files import BadFile, read_csv


def as_json(spot: hotspots.Hotspot) -> dict[str, object]:
    """The published form of a hot topic."""
    return {
        "rank": spot.rank,
        "problem": spot.problem,
        "place": spot.place,
        "heat": spot.heat,
        "tickets": spot.tickets,
        "callers": spot.callers,
        "first": spot.first.isoformat(),
        "last": spot.last.isoformat(),
        "ids": list(spot.ids),
    }


class Command(BaseCommand):
    help = "Find hot topics: one problem at one place, reported again and again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="CSV with id, user, title, created_at, body[, likes, dislikes]")
        parser.add_argument("--top", type=int, default=10, help="how many topics (default 10)")
        parser.add_argument("--json", action="store_true", help="print JSON instead of lines")

    def handle(self, *args: object, **options: Any) -> None:
        if options["top"] < 1:
            raise CommandError("--top must be 1 or more")
        if options["file"] is None:
            raise CommandError("name a file with --file FILE.csv")
        try:
            items = read_csv(options["file"])
        except BadFile as error:
            raise CommandError(str(error)) from None
        found = hotspots.find(items, top=options["top"])
        if options["json"]:
            self.stdout.write(json.dumps([as_json(spot) for spot in found], ensure_ascii=False, indent=1))
            return
        for spot in found:
            self.stdout.write(f"{spot.rank}. {spot.place} {spot.problem} 热度{spot.heat} {'；'.join(spot.reasons)}")
