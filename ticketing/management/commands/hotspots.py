"""Print the hot topics of a file or of the tickets of a period."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nlp import hotspots
from nlp.hotspots.files import BadFile, read_csv
from ticketing.hot_topics import hot_topics


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
        parser.add_argument("--from", dest="first", metavar="DAY", help="first day of the tickets, 2026-03-01")
        parser.add_argument("--to", dest="last", metavar="DAY", help="last day of the tickets, inclusive")
        parser.add_argument("--top", type=int, default=10, help="how many topics (default 10)")
        parser.add_argument("--json", action="store_true", help="print JSON instead of lines")

    def handle(self, *args: object, **options: Any) -> None:
        found = self._find(options)
        if options["json"]:
            self.stdout.write(json.dumps([as_json(spot) for spot in found], ensure_ascii=False, indent=1))
            return
        for spot in found:
            self.stdout.write(f"{spot.rank}. {spot.place} {spot.problem} 热度{spot.heat} {'；'.join(spot.reasons)}")

    def _find(self, options: dict[str, Any]) -> list[hotspots.Hotspot]:
        if options["top"] < 1:
            raise CommandError("--top must be 1 or more")
        if bool(options["file"]) == bool(options["first"] or options["last"]):
            raise CommandError("name either --file FILE.csv or --from DAY --to DAY")
        if options["file"]:
            try:
                return hotspots.find(read_csv(options["file"]), top=options["top"])
            except BadFile as error:
                raise CommandError(str(error)) from None
        first, last = _day("--from", options["first"]), _day("--to", options["last"])
        if last < first:
            raise CommandError(f"--to {last} is before --from {first}")
        return hot_topics(first, last, top=options["top"])


def _day(option: str, text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise CommandError(f"{option} is {text!r}; a day is needed, 2026-03-01") from None
