"""Server time and queries of every page and API address, for several roles, with few and with many tickets.

usage: benchmarks/pages.py [--few 2000] [--many 100000] [--rounds 5] [--typed FOLDER]

On the database of HOTLINE_DATABASE_URL, which should be empty (SQLite in a temporary folder without it). Prints JSON:
how many pages answered 200, those whose queries grew with the tickets, those above 150 ms at the median, the slowest
dozen, and for each page the median of wall and processor time in milliseconds. Nothing is kept in the cache for the
first round, which is not counted; a page is asked in this process, from the URL to the last byte.

With --typed, only what is asked while an agent types is measured, with `--many` tickets in the search index whose
texts are those of FOLDER/messages.csv: the proposal (category, urgency, place, duplicates) and the knowledge beside it,
for the first 20, 60 and 120 characters of 200 messages.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")
os.environ.setdefault("HOTLINE_LOG_LEVEL", "ERROR")

LIMIT_MS = 150
ROLES = ("", "agent", "dispatcher", "handler", "checker", "callback_clerk", "supervisor", "auditor", "administrator")
#: what the addresses do not say: queues, filters, deep pages
MORE = (
    *(f"desk/q/{name}/" for name in ("to_dispatch", "to_sign", "handling", "to_check", "to_call_back", "closed")),
    *("desk/q/all/", "desk/q/late/", "desk/q/urgent/", "desk/q/to_dispatch/?page=2", "desk/q/all/?urgency=urgent"),
    *("desk/q/all/?region=410102&kind=complaint", "answers/?region=410102"),
)
API = ("api/v1/tickets", "api/v1/tickets?status=handling", "api/v1/tickets?limit=200", "api/v1/events?since=")
#: providers' own doors, and what is not about tickets
LEFT_OUT = ("console/twilio", "livez", "readyz", "healthz")


def asked(client: Any, address: str, headers: dict[str, str]) -> int:
    """The status of the answer, read to its end."""
    answer = client.get(f"/{address}", **headers)
    if getattr(answer, "streaming", False):
        for _ in answer.streaming_content:
            pass
    return int(answer.status_code)


def one(client: Any, address: str, headers: dict[str, str], rounds: int) -> dict[str, Any] | None:
    """Queries and times of one page; None when this person does not get it."""
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    cache.clear()
    if asked(client, address, headers) != 200:
        return None
    with CaptureQueriesContext(connection) as queries:
        asked(client, address, headers)
    count = len(queries)  # the next request empties the log
    walls, works = [], []
    for _ in range(rounds):
        begun, worked = time.perf_counter(), time.process_time()
        asked(client, address, headers)
        works.append(1000 * (time.process_time() - worked))
        walls.append(1000 * (time.perf_counter() - begun))
    return {
        "queries": count,
        "ms": round(statistics.median(walls), 1),
        "cpu_ms": round(statistics.median(works), 1),
    }


def people() -> Iterator[tuple[str, Any]]:
    from django.test import Client

    from directory.models import Staff

    for role in ROLES:
        client = Client()
        if role:
            client.force_login(Staff.objects.filter(bindings__role=role, is_active=True).order_by("pk")[0])
        yield role or "nobody", client


def measure(rounds: int, ticket: Any, key: str) -> dict[str, dict[str, Any]]:
    """Every page that somebody gets, by "who /address"."""
    from tests.ticketing.test_permission_matrix import addresses, fill

    pages = sorted({fill(route, ticket) for route in addresses() if not route.startswith(LEFT_OUT)} | set(MORE))
    found = {}
    for who, client in people():
        for address in pages:
            if not address.startswith("api/v1") and (told := one(client, address, {}, rounds)):
                found[f"{who} /{address.replace(ticket.number, 'NUMBER')}"] = told
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"}
    for address in (*API, f"api/v1/tickets/{ticket.number}"):
        if told := one(client, address, headers, rounds):
            found[f"key /{address.replace(ticket.number, 'NUMBER')}"] = told
    return found


def typed(folder: Path, many: int, unit: int) -> dict[str, Any]:
    """Times of the two questions that the intake form asks while an agent types."""
    from django.core.management import call_command

    from benchmarks import page_rows
    from ticketing.knowledge import demo as entries

    entries.load()
    with (folder / "messages.csv").open(encoding="utf-8", newline="") as lines:
        texts = [(row["title"][:100], row["body"]) for row in csv.DictReader(lines)]
    page_rows.fill(many, unit, texts)
    call_command("rebuild_search", stdout=sys.stderr)
    agent = dict(people())["agent"]
    found: dict[str, Any] = {"tickets": many, "load": os.getloadavg()[0]}
    for address, field in (("/desk/suggest/", "body"), ("/knowledge/panel/", "text")):
        walls, works = [], []
        for _, body in texts[:200]:
            for length in (20, 60, 120):
                begun, worked = time.perf_counter(), time.process_time()
                answer = agent.post(address, {field: body[:length], "channel": "phone"})
                works.append(1000 * (time.process_time() - worked))
                walls.append(1000 * (time.perf_counter() - begun))
                assert answer.status_code == 200, answer.status_code
        found[address] = {"ms": _spread(walls), "cpu_ms": _spread(works)}
    return found


def _spread(values: list[float]) -> dict[str, float]:
    ranked = sorted(values)
    return {f"p{share}": round(ranked[len(ranked) * share // 100], 1) for share in (50, 95, 99)}


def report(few: dict[str, dict[str, Any]], many: dict[str, dict[str, Any]]) -> dict[str, Any]:
    grew = {name: [few[name]["queries"], told["queries"]] for name, told in many.items() if name in few}
    slowest = sorted(many, key=lambda name: -many[name]["ms"])
    return {
        "pages": len(many),
        "queries_grew": {name: pair for name, pair in grew.items() if pair[1] > pair[0]},
        f"over_{LIMIT_MS}_ms": [name for name in slowest if many[name]["ms"] > LIMIT_MS],
        "slowest": {name: many[name] for name in slowest[:12]},
        "load": os.getloadavg()[0],
        "all": many,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=2000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--typed", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("HOTLINE_DATA", folder)
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        from benchmarks import page_rows

        settings.ALLOWED_HOSTS = ["*"]
        call_command("migrate", verbosity=0)
        call_command("load_city", verbosity=0, stdout=sys.stderr)
        call_command("demo", "--stage", "quiet", stdout=sys.stderr)
        from ticketing.api.keys import make
        from ticketing.models import Assignment, Ticket

        share = Assignment.objects.filter(status="handling", ticket__confidential=False).order_by("pk").first()
        assert share is not None, "the demo has tickets that are being handled"
        if options.typed:
            print(json.dumps(typed(options.typed, options.many, share.department_id), ensure_ascii=False, indent=1))
            return
        key = make("pages", "410100", ["create", "read", "act", "events", "all"], "peer", per_minute=10**7)[1]
        ticket, sizes = Ticket.objects.get(pk=share.ticket_id), []
        for size in (options.few, options.many):
            page_rows.fill(size, share.department_id)
            sizes.append(measure(options.rounds, ticket, key))
        print(json.dumps(report(*sizes), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
