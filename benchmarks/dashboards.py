"""How fast the overview answers from the rollups, against plain SQL over the tickets, and what the rollups cost.

Runs on a PostgreSQL database of its own, named by HOTLINE_DATABASE_URL, and fills it itself (a database filled by an
earlier run is used as it is):

    HOTLINE_DATABASE_URL=postgresql://… python benchmarks/dashboards.py --tickets 1000000 --journal 5000000

Prints one JSON object: p50 and p95 of the overview (server time of the request, middleware, log-in and templates
included; nothing is cached between requests but names of units and regions), of the same figures counted from the
tickets, their ratio, of views limited by two breakdowns, the cost of a ticket action with and without the rollups, and
the growth when the journal is doubled. `cpu_…` is what this process and its PostgreSQL backend worked, without waiting
for their turn on a busy machine; on an idle one the wall time is about as long. Compare within one run only.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")

from benchmarks import dashboard_rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=2000)
    parser.add_argument("--journal", type=int, default=10_000, help="journal rows; doubled for the growth")
    parser.add_argument("--days", type=int, default=365, help="over how many days they are spread")
    parser.add_argument("--rounds", type=int, default=40, help="how often each page is asked")
    parser.add_argument("--actions", type=int, default=200, help="ticket actions timed with and without rollups")
    parser.add_argument("--check", action="store_true", help="compare the rollups with a new count at the end")
    return parser.parse_args()


def _backend() -> Callable[[], float]:
    """Seconds of CPU that this connection's server process has had; 0 where the server is another machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ledger = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return lambda: int(ledger.read_text().split()[0]) / 1e9 if ledger.exists() else 0.0


def _times(ask: Callable[[], object], rounds: int, warm: bool = True) -> dict[str, float]:
    """Wall time of each round, and the CPU time of this process and of its PostgreSQL backend together."""
    if warm:
        ask()
    backend = _backend()
    taken, worked = [], []
    for _ in range(rounds):
        begun, began = time.perf_counter(), time.process_time() + backend()
        ask()
        worked.append(1000 * (time.process_time() + backend() - began))
        taken.append(1000 * (time.perf_counter() - begun))
    return _spread("", taken) | _spread("cpu_", worked)


def _spread(name: str, taken: list[float]) -> dict[str, float]:
    taken.sort()
    p95 = taken[min(len(taken) - 1, round(0.95 * len(taken)))]
    return {f"{name}p50_ms": round(statistics.median(taken), 1), f"{name}p95_ms": round(p95, 1)}


def _overview(rounds: int, days: int = 30, page: str = "", filters: str = "") -> dict[str, float]:
    from django.conf import settings
    from django.test import Client

    from directory.models import Staff

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(Staff.objects.get(username="supervisor1"))
    today = date.today()
    address = f"/figures/{page}?from={today - timedelta(days=days - 1)}&to={today}{filters}"

    def ask() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code

    return _times(ask, rounds)


def _two_filters(rounds: int) -> dict[str, dict[str, float]]:
    """The overview limited by two breakdowns at once, which the rollups hold as pairs; with three it says first that it
    counts (`three_said`) and then counts the rows (`three_counted`). The unit is the one with most tickets, in the
    demo's city the one above all others."""
    from django.db.models import Count

    from directory.models import Category
    from ticketing.models import Ticket

    unit = Ticket.objects.values_list("lead__code").annotate(n=Count("pk")).exclude(lead=None).order_by("-n")[0][0]
    category = Category.objects.exclude(path__contains="/").order_by("code").values_list("code", flat=True)[0]
    district = Ticket.objects.exclude(region__parent=None).values_list("region__parent_id", flat=True)[0]
    asked = {
        "kind_channel": "&kind=complaint&channel=web",
        "district_kind": f"&region={district}&kind=complaint",
        "unit_kind": f"&unit={unit}&kind=complaint",
        "unit_channel": f"&unit={unit}&channel=phone",
        "category_kind": f"&category={category}&kind=complaint",
        "category_channel": f"&category={category}&channel=phone",
        "unit_district": f"&unit={unit}&region={district}",
        "unit_category": f"&unit={unit}&category={category}",
        "district_category": f"&region={district}&category={category}",
        "three_said": f"&unit={unit}&category={category}&kind=complaint",
        "three_counted": f"&unit={unit}&category={category}&kind=complaint&count=1",
    }
    return {name: _overview(rounds, filters=filters) for name, filters in asked.items()}


def _plain(rounds: int) -> dict[str, float]:
    """The overview's figures counted from the tickets: three periods, breakdowns, trends, without any page."""
    from django.conf import settings
    from django.db import connection
    from django.db.models import Count
    from django.db.models.functions import TruncDate

    from dashboards.measures import counting
    from dashboards.measures.counters import COUNTERS
    from dashboards.measures.definitions import measure
    from dashboards.measures.evaluate import counters_of, figures
    from dashboards.measures.scope import Period, Scope
    from dashboards.show.overview import INTAKE, TREND

    today = date.today()
    period, scope = Period(today - timedelta(days=29), today), Scope(settings.CITY_REGION)
    trends = counters_of(measure(code, today) for code in TREND)
    with connection.cursor() as cursor:
        # long statements may use all processors, as they would by the server's own settings
        cursor.execute("SET max_parallel_workers_per_gather = 2")

    def ask() -> None:
        for stretch in (period, period.before(), period.year_before()):
            figures(stretch, scope, read=counting.direct)
        for cut, _ in INTAKE:
            counting.broken_down_direct(["received"], period, scope, cut, today)
        for stretch in (period, period.before(), period.year_before()):
            for name in trends:
                rows = counting.rows(COUNTERS[name], stretch, scope, today)
                list(rows.annotate(on=TruncDate(COUNTERS[name].day)).values("on").annotate(n=Count("pk")).order_by())

    told = _times(ask, 2, warm=False)  # minutes each at a million tickets
    connection.close()
    return told


def _upkeep(tickets: int) -> dict[str, float]:
    """Milliseconds per ticket action (accept, triage, dispatch, sign), alone and with the rollups heard in batches."""
    from dashboards.rollups import feed
    from directory.models import Category, Role, RoleBinding, Staff
    from ticketing.intake.accept import accept
    from ticketing.intake.report import Report
    from ticketing.lifecycle.actions.dispatching import Dispatch
    from ticketing.lifecycle.actions.handling import Sign
    from ticketing.lifecycle.actions.triage import Triage
    from ticketing.lifecycle.actors import SYSTEM, staff_actor
    from ticketing.lifecycle.engine import act

    feed.catch_up()
    dispatcher = staff_actor(Staff.objects.get(username="dispatcher1"), "benchmark")
    handlers = RoleBinding.objects.filter(role=Role.HANDLER, department__isnull=False).select_related("staff")
    handler = handlers.order_by("pk").first()
    assert handler is not None and handler.department_id is not None, "load_city gives every unit a handler"
    signs = staff_actor(handler.staff, "benchmark")
    category = Category.objects.order_by("pk").values_list("pk", flat=True)[0]
    backend = _backend()
    begun, began = time.perf_counter(), time.process_time() + backend()
    for index in range(tickets):
        report = Report(channel="web", kind="complaint", body=f"第{index}件：路口红绿灯不亮，影响通行。")
        ticket = accept(report, actor=SYSTEM).ticket
        act(ticket.pk, Triage(kind="complaint", category=category), actor=dispatcher)
        act(ticket.pk, Dispatch(lead=handler.department_id), actor=dispatcher)
        act(ticket.pk, Sign(), actor=signs)
    alone, alone_cpu = time.perf_counter() - begun, time.process_time() + backend() - began
    begun, began = time.perf_counter(), time.process_time() + backend()
    feed.catch_up()
    heard, heard_cpu = time.perf_counter() - begun, time.process_time() + backend() - began
    actions = 4 * tickets
    return {
        "actions": actions,
        "action_ms": round(1000 * alone / actions, 2),
        "rollups_ms": round(1000 * heard / actions, 2),
        "times": round((alone + heard) / alone, 2),
        "cpu_action_ms": round(1000 * alone_cpu / actions, 2),
        "cpu_rollups_ms": round(1000 * heard_cpu / actions, 2),
        "times_cpu": round((alone_cpu + heard_cpu) / alone_cpu, 2),
    }


class _Told(dict[str, Any]):
    """Says each result as soon as it is there: a run takes its time."""

    def __setitem__(self, key: str, value: Any) -> None:
        print(f"{key}: {value}", file=sys.stderr, flush=True)
        super().__setitem__(key, value)


def main() -> None:
    asked = _arguments()
    import django

    django.setup()
    from django.core.management import call_command

    from dashboards.rollups.rebuild import check, rebuild

    call_command("migrate", verbosity=0)
    call_command("load_city", verbosity=0, stdout=sys.stderr)
    begun = time.perf_counter()
    dashboard_rows.fill(asked.tickets, asked.journal, asked.days)
    filled = time.perf_counter()
    rebuild(lambda text: print(text, file=sys.stderr))
    made = time.perf_counter()
    answer: dict[str, Any] = _Told()
    answer |= {
        "tickets": asked.tickets,
        "journal": asked.journal,
        "fill_s": round(filled - begun, 1),
        "rebuild_s": round(made - filled, 1),
        "load": os.getloadavg()[0],
    }
    dashboard_rows.settle()
    answer["overview"] = _overview(asked.rounds)
    answer["units"] = _overview(asked.rounds, page="units/")
    answer["overview_year"] = _overview(asked.rounds, 365)
    answer["two_filters"] = _two_filters(max(3, asked.rounds // 2))
    answer["plain_sql"] = _plain(asked.rounds)
    answer["faster"] = round(answer["plain_sql"]["p50_ms"] / answer["overview"]["p50_ms"], 1)
    answer["faster_cpu"] = round(answer["plain_sql"]["cpu_p50_ms"] / answer["overview"]["cpu_p50_ms"], 1)
    answer["upkeep"] = _upkeep(asked.actions // 4)
    dashboard_rows.top_up(2 * asked.journal)
    dashboard_rows.settle()
    answer["overview_again"] = _overview(asked.rounds)
    answer["journal_after"] = 2 * asked.journal
    answer["growth"] = round(answer["overview_again"]["p95_ms"] / answer["overview"]["p95_ms"], 2)
    answer["growth_cpu"] = round(answer["overview_again"]["cpu_p95_ms"] / answer["overview"]["cpu_p95_ms"], 2)
    if asked.check:
        begun = time.perf_counter()
        answer["no_difference"] = not check()
        answer["check_s"] = round(time.perf_counter() - begun, 1)
    print(json.dumps(answer, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
