"""热点 on the overview: found by a job that takes new tickets as they come, and only read by the page.

The search of a window takes seconds, so no request does it. The job keeps the state of the last days in its process
and adds what is new; it reads the window again once a day, in a fresh process, and whenever another process stored
last. So what is stored follows from one state only, whichever worker runs the job, and nothing but the tickets
themselves has to be stored for it. The page shows what was stored last, and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from dashboards.measures.scope import Scope
from dashboards.models import HotTopics
from dashboards.show import present
from nlp.hotspots import Hotspot, Hotspots, Item
from ticketing.hot_topics import read
from ticketing.models import Ticket

DAYS = 7
TOP = 10
#: tickets of the window that are grouped at most, the newest
MOST = 5_000
#: tickets remembered per topic, the newest: what it opens, and what a filter counts
REMEMBERED = 300
#: without news the stored topics are measured anew after this, for they cool down
STALE = timedelta(minutes=30)
DIRECTIONS = {"new": "新出现", "rising": "上升", "steady": "持平", "falling": "下降"}


@dataclass
class Window:
    """What the job's process holds: the groups, the tickets of the days before, how far it has read, when it stored."""

    groups: Hotspots
    before: list[Item]
    last: int
    day: date
    stored_at: datetime | None = None


_held: Window | None = None


def keep() -> int:
    """The job: takes new tickets, stores the topics when something changed. Always done in one go, so it returns 0."""
    now = timezone.now()
    stored = HotTopics.objects.filter(pk=settings.CITY_REGION).first()
    stale = stored is None or now - stored.made_at > STALE
    if stored is not None and not stale and not _news(stored):
        return 0
    window, fresh = _window(now, stored)
    if fresh or stale:
        _store(window, now)
        window.stored_at = now
    return 0


#: a ticket may be stored so much later than the time it bears
DELAY = timedelta(minutes=1)


def _news(stored: HotTopics) -> bool:
    """Whether tickets came in since the topics were stored: another process's state need not be read for nothing."""
    return _tickets().filter(created_at__gt=stored.made_at - DELAY).exists()


def forget() -> None:
    """The next run reads the window again."""
    global _held
    _held = None


def _window(now: datetime, stored: HotTopics | None) -> tuple[Window, bool]:
    """The state with all tickets of now in it, and whether any of them is new."""
    global _held
    today = timezone.localdate(now)
    mine = _held is not None and stored is not None and _held.stored_at == stored.made_at
    if _held is None or not mine or _held.day != today:
        _held = _read_again(now, today)
        return _held, True
    rows = _tickets().filter(pk__gt=_held.last, created_at__gte=now - timedelta(days=DAYS)).order_by("pk")
    last = rows.order_by("-pk").values_list("pk", flat=True).first()
    if last is None:
        return _held, False
    _held.groups.add(read(rows.filter(pk__lte=last)))
    _held.last = last
    return _held, True


def _read_again(now: datetime, today: date) -> Window:
    begin = now - timedelta(days=DAYS)
    last = _tickets().order_by("-pk").values_list("pk", flat=True).first() or 0
    groups = Hotspots(read(_newest(begin, now)))
    return Window(groups, list(read(_newest(begin - timedelta(days=DAYS), begin))), last, today)


def _tickets() -> QuerySet[Ticket]:
    return Ticket.objects.filter(city_id=settings.CITY_REGION)


def _newest(begin: datetime, end: datetime) -> QuerySet[Ticket]:
    return _tickets().filter(created_at__gte=begin, created_at__lt=end).order_by("-created_at", "-pk")[:MOST]


def _store(window: Window, now: datetime) -> None:
    found = window.groups.find(top=TOP, now=now, since=now - timedelta(days=DAYS), previous=window.before)
    HotTopics.objects.update_or_create(
        pk=settings.CITY_REGION,
        defaults={"made_at": now, "tickets": len(window.groups), "topics": [_written(spot) for spot in found]},
    )


def _written(spot: Hotspot) -> dict[str, Any]:
    return {
        "problem": spot.problem,
        "place": spot.place,
        "heat": round(spot.heat, 1),
        "tickets": spot.tickets,
        "callers": spot.callers,
        "before": spot.trend.before,
        "direction": spot.trend.direction,
        "last": spot.last.isoformat(),
        "numbers": list(spot.ids[-REMEMBERED:]),
    }


@dataclass(frozen=True)
class Topic:
    """A topic as one may see it. `callers` is None under a filter, where only tickets are counted; `key` opens it."""

    key: str
    problem: str
    place: str
    tickets: int
    callers: int | None
    before: int | None
    direction: str


@dataclass(frozen=True)
class Shown:
    topics: tuple[Topic, ...]
    made_at: datetime | None
    days: int = DAYS


def shown(scope: Scope) -> Shown:
    """The stored topics in a scope; one that is limited shows a topic by its own tickets only, from two on."""
    row = HotTopics.objects.filter(pk=scope.city).first()
    if row is None:
        return Shown((), None)
    counted = _counted(row.topics, scope) if scope.only else None
    made = [_topic(topic, counted) for topic in row.topics]
    kept = [topic for topic in made if topic.tickets > 1]
    if counted is not None:
        kept.sort(key=lambda topic: -topic.tickets)
    return Shown(tuple(kept), row.made_at)


def _topic(topic: dict[str, Any], counted: set[str] | None) -> Topic:
    mine = topic["tickets"] if counted is None else len(counted.intersection(topic["numbers"]))
    return Topic(
        key=topic["numbers"][0],
        problem=topic["problem"],
        place=topic["place"],
        tickets=mine,
        callers=topic["callers"] if counted is None else None,
        before=topic["before"] if counted is None else None,
        direction=DIRECTIONS[topic["direction"]] if counted is None else "",
    )


def _counted(topics: Sequence[dict[str, Any]], scope: Scope) -> set[str]:
    """Which of the remembered tickets lie in the scope."""
    numbers = [number for topic in topics for number in topic["numbers"]]
    return set(present.tickets(scope).filter(number__in=numbers).values_list("number", flat=True))


def behind(key: str, scope: Scope) -> tuple[Topic, list[Ticket]] | None:
    """A topic with the tickets remembered of it that lie in the scope, newest first; None when it is no more."""
    row = HotTopics.objects.filter(pk=scope.city).first()
    topic = next((one for one in row.topics if one["numbers"][0] == key), None) if row else None
    if topic is None:
        return None
    counted = _counted([topic], scope) if scope.only else None
    rows = present.tickets(scope).filter(number__in=topic["numbers"]).select_related("lead", "category", "region")
    return _topic(topic, counted), list(rows.order_by("-created_at", "-pk"))
