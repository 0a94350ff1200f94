"""How fast the overview answers from the rollups, against plain SQL over the tickets, and what the rollups cost.

Runs on an empty PostgreSQL database named by HOTLINE_DATABASE_URL (or SQLite, for a first look) and fills it itself:

    HOTLINE_DATABASE_URL=postgresql://… python benchmarks/dashboards.py --tickets 1000000 --journal 5000000

Prints one JSON object: p50 and p95 of the overview (server time of the view, log-in and templates included), of the
same figures counted from the tickets, their ratio, the cost of a ticket action with and without the rollups, and the
growth when the journal is doubled. Times of this machine; compare within one run only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")

PORTION = 5000


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=2000)
    parser.add_argument("--journal", type=int, default=10_000, help="journal rows; doubled for the growth")
    parser.add_argument("--days", type=int, default=365, help="over how many days they are spread")
    parser.add_argument("--rounds", type=int, default=20, help="how often each page is asked")
    parser.add_argument("--actions", type=int, default=200, help="ticket actions timed with and without rollups")
    return parser.parse_args()


def _fill(tickets: int, journal: int, days: int) -> None:
    """Tickets with a dispatch, a sign and a handle clock each, and their journal."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from directory.models import Category, Department, Region
    from ticketing.models import Assignment, Clock, Ticket, TicketEvent
    from ticketing.terms import Channel, Kind

    dice, now = random.Random(1), timezone.now()
    units = list(Department.objects.values_list("pk", flat=True)[:200])
    regions = list(Region.objects.values_list("pk", flat=True))
    categories = list(Category.objects.values_list("pk", flat=True))
    done = Ticket.objects.count()
    events = 0
    each = max(1, journal // max(1, tickets))
    while done < tickets:
        size = min(PORTION, tickets - done)
        made = []
        for index in range(done, done + size):
            created = now - timedelta(minutes=dice.randrange(days * 1440))
            late, lead = dice.random() < 0.1, dice.choice(units)
            made.append(
                Ticket(
                    number=f"{index:018d}", channel=dice.choice(Channel.values), kind=dice.choice(Kind.values),
                    category_id=dice.choice(categories), region_id=dice.choice(regions), city_id=settings.CITY_REGION,
                    title="测试", body="测试", status="closed", lead_id=lead, dispatch_count=1, created_at=created,
                    first_dispatched_at=created, dispatched_at=created, signed_at=created, version=each,
                    replied_at=created + timedelta(days=12 if late else 3), answered_in_days=9 if late else 2,
                    closed_at=created + timedelta(days=13 if late else 4),
                )
            )  # fmt: skip
        Ticket.objects.bulk_create(made)
        shares = [
            Assignment(
                ticket=t, department_id=t.lead_id, part="lead", status="replied", dispatched_at=t.created_at,
                signed_at=t.created_at, replied_at=t.replied_at,
            )
            for t in made
        ]  # fmt: skip
        Assignment.objects.bulk_create(shares)
        clocks = []
        for t, share in zip(made, shares, strict=True):
            late = (t.replied_at - t.created_at).days > 5
            for name, hours, one in (("dispatch", 24, None), ("sign", 24, share), ("handle", 240, share)):
                state = "late" if late and name == "handle" else "met"
                stop = t.replied_at if name == "handle" else t.created_at
                clocks.append(
                    Clock(
                        ticket=t, assignment=one, name=name, state=state, policy={}, started_at=t.created_at,
                        due_at=t.created_at + timedelta(hours=hours), stopped_at=stop,
                    )
                )  # fmt: skip
        Clock.objects.bulk_create(clocks)
        done += size
        events += _journal(made, each)
    _top_up(journal)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    print(f"{Ticket.objects.count()} tickets, {TicketEvent.objects.count()} journal rows", file=sys.stderr)


_ACTIONS = ("accept", "dispatch", "sign", "reply", "close")


def _journal(tickets: list[Any], each: int, first: int = 0) -> int:
    from ticketing.models import TicketEvent

    rows = [
        TicketEvent(
            ticket=t, seq=first + seq + 1, action=_ACTIONS[seq % 5] if not first else "note", to_status="closed",
            at=t.created_at + timedelta(hours=seq), actor_kind="system", mac="",
        )
        for t in tickets
        for seq in range(each)
    ]  # fmt: skip
    TicketEvent.objects.bulk_create(rows, batch_size=PORTION)
    return len(rows)


def _top_up(journal: int) -> None:
    """Further journal rows for the same tickets until there are `journal`."""
    from django.db.models import Max

    from ticketing.models import Ticket, TicketEvent

    first = 0
    while (missing := journal - TicketEvent.objects.count()) > 0:
        # beyond every number that an earlier round gave
        first = max(first, TicketEvent.objects.aggregate(most=Max("seq"))["most"] or 0)
        each = max(1, missing // max(1, Ticket.objects.count()))
        last = 0
        while missing > 0:
            portion = list(Ticket.objects.filter(pk__gt=last).order_by("pk")[:PORTION])
            if not portion:
                break
            missing -= _journal(portion[: max(1, missing // each)], each, first)
            last = portion[-1].pk


def _times(ask: Callable[[], object], rounds: int) -> dict[str, float]:
    ask()
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - begun))
    taken.sort()
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[min(len(taken) - 1, round(0.95 * len(taken)))], 1),
    }


def _overview(rounds: int) -> dict[str, float]:
    from django.test import Client

    from directory.models import Staff

    client = Client()
    client.force_login(Staff.objects.get(username="supervisor1"))
    today = date.today()
    address = f"/figures/?from={today - timedelta(days=29)}&to={today}"

    def ask() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code

    return _times(ask, rounds)


def _plain(rounds: int) -> dict[str, float]:
    """The same overview, every count from the tickets: figures of three periods, breakdowns, league."""
    from django.conf import settings

    from dashboards.measures import counting
    from dashboards.measures.definitions import measure
    from dashboards.measures.evaluate import counters_of, figures
    from dashboards.measures.scope import Period, Scope
    from dashboards.show.overview import INTAKE, LEAGUE

    today = date.today()
    period, scope = Period(today - timedelta(days=29), today), Scope(settings.CITY_REGION)
    names = counters_of(measure(code, today) for code in LEAGUE)

    def ask() -> None:
        for stretch in (period, period.before(), period.year_before()):
            figures(stretch, scope, read=counting.direct)
        for cut, _ in INTAKE:
            counting.broken_down_direct(["received"], period, scope, cut, today)
        counting.broken_down_direct(names, period, scope, "unit", today)

    return _times(ask, max(3, rounds // 5))


def _upkeep(actions: int) -> dict[str, float]:
    """Milliseconds per ticket action, alone and with the rollups heard in the worker's batches."""
    from dashboards.rollups import feed
    from ticketing.intake.accept import accept
    from ticketing.intake.report import Report
    from ticketing.lifecycle.actors import SYSTEM

    feed.catch_up()
    begun = time.perf_counter()
    for index in range(actions):
        accept(Report(channel="web", body=f"第{index}件：路口红绿灯不亮，影响通行。"), actor=SYSTEM)
    alone = time.perf_counter() - begun
    begun = time.perf_counter()
    feed.catch_up()
    heard = time.perf_counter() - begun
    return {
        "action_ms": round(1000 * alone / actions, 2),
        "rollups_ms": round(1000 * heard / actions, 2),
        "times": round((alone + heard) / alone, 2),
    }


def main() -> None:
    asked = _arguments()
    import django

    django.setup()
    from django.core.management import call_command

    from dashboards.rollups.rebuild import check, rebuild

    call_command("migrate", verbosity=0)
    call_command("load_city", verbosity=0, stdout=sys.stderr)
    _fill(asked.tickets, asked.journal, asked.days)
    begun = time.perf_counter()
    rebuild()
    made = time.perf_counter() - begun
    answer: dict[str, Any] = {"tickets": asked.tickets, "journal": asked.journal, "rebuild_s": round(made, 1)}
    answer["overview"] = _overview(asked.rounds)
    answer["plain_sql"] = _plain(asked.rounds)
    answer["faster"] = round(answer["plain_sql"]["p95_ms"] / answer["overview"]["p95_ms"], 1)
    answer["upkeep"] = _upkeep(asked.actions)
    _top_up(2 * asked.journal)
    answer["overview_doubled_journal"] = _overview(asked.rounds)
    answer["growth"] = round(answer["overview_doubled_journal"]["p95_ms"] / answer["overview"]["p95_ms"], 2)
    if asked.tickets <= 20_000:
        answer["no_difference"] = not check()
    print(json.dumps(answer, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
