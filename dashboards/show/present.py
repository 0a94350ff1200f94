"""What is open now, whatever the period: the day's numbers of the hotline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from dashboards.measures import counting
from dashboards.measures.evaluate import figures_beside
from dashboards.measures.scope import Period, Scope
from dashboards.rollups import feed, renew
from directory.worktime.times import day_end, midnight
from telephony.calls.state import Status as CallStatus
from telephony.models import Call
from ticketing.models import Ticket
from ticketing.terms import OPEN, Status, Urgency

#: figures are called old when a change waits longer than this to be counted
OLD_AFTER = timedelta(seconds=60)


#: the tiles of 当前在办, in their order
STANDING = {
    "open": "在办工单",
    "late": "已超期",
    "due_today": "今日到期",
    "urgent": "紧急",
    "to_dispatch": "待派单",
    "to_sign": "待签收",
    "to_call_back": "待回访",
}
_TONES = {"late": "late", "due_today": "warn"}


def tickets(scope: Scope) -> QuerySet[Ticket]:
    """The tickets of a scope, by where they stand now."""
    found = Ticket.objects.filter(city_id=scope.city)
    columns = {
        "unit": "lead_id",
        "region": "region_id",
        "kind": "kind",
        "channel": "channel",
        "category": "category_id",
    }
    for cut, keys in scope.only.items():
        found = found.filter(**{f"{columns[cut]}__in": list(keys)})
    return found


def standings() -> dict[str, Q]:
    """What `standing` counts among the open tickets, by name: conditions on columns of the index `ticket_standing`."""
    today = timezone.localdate()
    return {
        "open": Q(),
        "late": Q(late=True),
        "due_today": Q(late=False, due_at__gt=midnight(today), due_at__lte=day_end(today)),
        "urgent": ~Q(urgency=Urgency.NORMAL),
        **{str(status): Q(status=status) for status in Status if status in OPEN},
    }


def still_open(scope: Scope) -> QuerySet[Ticket]:
    return tickets(scope).filter(status__in=sorted(OPEN))


def standing(scope: Scope) -> dict[str, int]:
    """How many tickets are where: open, overdue, due today, urgent, and each open status."""
    # rows are counted in the index without being read
    counted = {f"n_{name}": Count("status", filter=where or None) for name, where in standings().items()}
    return {name.removeprefix("n_"): int(n) for name, n in still_open(scope).aggregate(**counted).items()}


@dataclass(frozen=True)
class Tile:
    """One count of `STANDING`; `tone` colours the tile."""

    code: str
    label: str
    count: int
    tone: str


def tiles(scope: Scope) -> list[Tile]:
    """What is open now, as the pages show it."""
    counts = standing(scope)
    tones = {code: (_TONES[code] if counts[code] else "zero") for code in _TONES}
    return [Tile(code, label, counts[code], tones.get(code, "")) for code, label in STANDING.items()]


@dataclass(frozen=True)
class Age:
    """How old the figures are: seconds since the oldest change not counted yet (0 when all are), and why."""

    seconds: int
    waiting: int
    old: bool
    rebuild: bool


def age() -> Age:
    """Read from the outbox: what waits there for the rollups is not in the figures yet."""
    unheard = feed.waiting()
    first = unheard.order_by("pk").values_list("created_at", flat=True).first()
    seconds = max(0, int((timezone.now() - first).total_seconds())) if first else 0
    return Age(seconds, unheard.count() if first else 0, seconds > OLD_AFTER.total_seconds(), renew.needed())


WALL = (
    "received", "closed", "direct_answer_rate", "dispatch_on_time", "sign_on_time", "close_on_time", "reply_on_time",
    "response_rate", "solved_rate", "satisfaction_rate", "call_answer_rate", "call_timeliness", "good_review_rate",
)  # fmt: skip


def wall(scope: Scope) -> dict[str, Any]:
    """The wallboard's content, as JSON: today's and this month's figures, what is open now, the last days, the age."""
    today = timezone.localdate()
    day, month = Period(today, today), Period(today.replace(day=1), today)
    fortnight = Period(today - timedelta(days=13), today)
    live = Call.objects.exclude(status=CallStatus.ENDED.value).aggregate(
        waiting=Count("pk", filter=Q(status__in=[CallStatus.QUEUED.value, CallStatus.RINGING.value])),
        talking=Count("pk", filter=Q(status=CallStatus.TALKING.value)),
    )
    now = age()
    (daily,) = counting.series_beside(["received", "closed"], [fortnight], scope) or [{}]
    by_kind = counting.broken_down(["received"], day, scope, "kind")
    shown_day, shown_month = figures_beside([day, month], scope, only=WALL)
    by_region = counting.broken_down(["received"], month, scope, "region")
    from .overview import bars

    return {
        "at": timezone.now().isoformat(timespec="seconds"),
        "city": settings.CITY_REGION,
        "age": {"seconds": now.seconds, "waiting": now.waiting, "old": now.old, "rebuild": now.rebuild},
        "now": standing(scope),
        "calls": {name: int(n) for name, n in live.items()},
        "today": {figure.code: figure.as_dict() for figure in shown_day},
        "month": {figure.code: figure.as_dict() for figure in shown_month},
        "days": [
            {"day": f"{moment:%m-%d}", "received": row.get("received", 0), "closed": row.get("closed", 0)}
            for moment in fortnight
            for row in [daily.get(moment.isoformat(), {})]
        ],
        "kinds": [{"label": bar.label, "n": bar.n} for bar in bars("kind", _of(by_kind))],
        "regions": [{"label": bar.label, "n": bar.n} for bar in bars("region", _of(by_region))[:12]],
    }


def _of(counts: dict[str, dict[str, int]]) -> dict[str, int]:
    return {key: row["received"] for key, row in counts.items()}
