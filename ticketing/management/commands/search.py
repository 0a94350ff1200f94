"""Searches the tickets from the command line, with the rights of the system or of one person."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from directory.models import Staff
from ticketing.lifecycle.actors import SYSTEM, Actor, staff_actor
from ticketing.search import service
from ticketing.search.documents import BadQuery, Query, Sort


class Command(BaseCommand):
    help = "Search tickets: number, external id, score and highlighted passage of the best hits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", help='words, "a phrase", -excluded, or a number')
        parser.add_argument("--limit", type=int, default=20, help="1 to 500")
        parser.add_argument("--sort", choices=[sort.value for sort in Sort], default=Sort.RELEVANCE.value)
        parser.add_argument("--cursor", default="", help="where the page before ended")
        parser.add_argument("--as", dest="username", default="", help="search with the rights of this person")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        query = Query(
            text=options["query"], limit=options["limit"], sort=Sort(options["sort"]), cursor=options["cursor"]
        )
        try:
            answer = service.find(self._actor(options["username"]), query)
        except BadQuery as error:
            raise CommandError(str(error)) from error
        results = answer.results
        hits = [
            {
                "number": hit.number,
                "external_id": hit.external_id,
                "score": round(hit.score, 4),
                "highlight": hit.highlight,
            }
            for hit in results.hits
        ]
        if options["json"]:
            told = {
                "total": results.total,
                "relaxed": results.relaxed,
                "degraded": results.degraded,
                "cursor": results.cursor,
                "hits": hits,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        note = " (from the database: the search engine does not answer)" if results.degraded else ""
        self.stdout.write(f"{results.total} found{note}")
        for hit in hits:
            self.stdout.write(f"{hit['number']}  {hit['external_id'] or '-'}  {hit['score']}  {hit['highlight']}")

    def _actor(self, username: str) -> Actor:
        if not username:
            return SYSTEM
        staff = Staff.objects.filter(username=username).first()
        if staff is None:
            raise CommandError(f"there is no staff member with the user name {username!r}")
        return staff_actor(staff, "command")
