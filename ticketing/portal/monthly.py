"""Figures of a month for the public: what came in, what was answered, how much of it in time.

A month is the cohort of tickets accepted in it (Asia/Shanghai). On time: the handling limit of the leading unit was
met; numerator, denominator and what is left out are shown beside each rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone

from ticketing.measures_basic import shares
from ticketing.models import Clock, Ticket
from ticketing.terms import ClockName, ClockState, Kind, Part, Status

MONTHS = 12
#: the running month is counted anew after ten minutes, ended months (late answers still come in) after six hours
_FRESH_SECONDS, _OLD_SECONDS = 600, 6 * 3600
_NOT_ANSWERED = {Status.MERGED, Status.WITHDRAWN}


@dataclass(frozen=True)
class Month:
    """`on_time` of `ended` handling limits were met; `within`: days → (answered within, answered)."""

    first: date
    received: int
    kinds: tuple[tuple[str, int], ...]
    answered: int
    left_out: int
    on_time: int
    ended: int
    within: dict[int, tuple[int, int]]

    @property
    def answerable(self) -> int:
        return self.received - self.left_out


def months(today: date) -> list[date]:
    """The first days of the last twelve months, newest first."""
    found = [today.replace(day=1)]
    while len(found) < MONTHS:
        found.append(before(found[-1]))
    return found


def before(first: date) -> date:
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def month(first: date, today: date) -> Month:
    """The figures of the month that begins on `first`; remembered for a while."""
    key = f"portal.month.{settings.CITY_REGION}.{first:%Y-%m}"
    found: Month | None = cache.get(key)
    if found is None:
        found = _count(first)
        cache.set(key, found, _FRESH_SECONDS if first == today.replace(day=1) else _OLD_SECONDS)
    return found


def _count(first: date) -> Month:
    rows = Ticket.objects.filter(
        city_id=settings.CITY_REGION, created_at__gte=_midnight(first), created_at__lt=_midnight(after(first))
    )
    kinds = dict(rows.values_list("kind").annotate(n=Count("pk")).order_by())
    totals = rows.aggregate(
        answered=Count("pk", filter=Q(replied_at__isnull=False)),
        left_out=Count("pk", filter=Q(status__in=_NOT_ANSWERED)),
    )
    clocks = Clock.objects.filter(
        ticket__in=rows, name=ClockName.HANDLE, assignment__part=Part.LEAD, assignment__parent__isnull=True
    ).aggregate(
        met=Count("pk", filter=Q(state=ClockState.MET)),
        late=Count("pk", filter=Q(state=ClockState.LATE) | Q(state=ClockState.RUNNING, breached_at__isnull=False)),
    )
    named = [(str(kind.label), int(kinds.get(kind.value, 0))) for kind in Kind]
    return Month(
        first=first,
        received=sum(kinds.values()),
        kinds=(*named, ("未分类", int(kinds.get("", 0)))),
        answered=totals["answered"],
        left_out=totals["left_out"],
        on_time=clocks["met"],
        ended=clocks["met"] + clocks["late"],
        within=shares(rows),
    )
