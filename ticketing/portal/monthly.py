"""Figures of a month for the public: what came in, what was answered, how much of it in time.

A month is the cohort of tickets accepted in it (Asia/Shanghai). On time: the handling limit of the leading unit was
met; numerator, denominator and what is left out are shown beside each rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from ticketing.measures_basic import DAYS
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


def received(first: date, today: date) -> int:
    """How many tickets came in: answered from an index alone, so that a year of months stays cheap."""
    key = f"portal.received.{settings.CITY_REGION}.{first:%Y-%m}"
    found: int | None = cache.get(key)
    if found is None:
        found = _cohort(first).count()
        cache.set(key, found, _FRESH_SECONDS if first == today.replace(day=1) else _OLD_SECONDS)
    return found


def _cohort(first: date) -> QuerySet[Ticket]:
    begin, end = _midnight(first), _midnight(after(first))
    return Ticket.objects.filter(city_id=settings.CITY_REGION, created_at__gte=begin, created_at__lt=end)


def _count(first: date) -> Month:
    """One pass over the cohort by kind, one over its handling limits."""
    counted = (
        _cohort(first)
        .order_by()
        .values("kind")
        .annotate(
            n=Count("pk"),
            replied=Count("replied_at"),
            out=Count("pk", filter=Q(status__in=_NOT_ANSWERED)),
            timed=Count("answered_in_days"),
            **{f"in_{days}": Count("pk", filter=Q(answered_in_days__lte=days)) for days in DAYS},
        )
    )
    rows = cast(list[dict[str, Any]], list(counted))

    def total(name: str) -> int:
        return sum(int(row[name]) for row in rows)

    kinds = {row["kind"]: int(row["n"]) for row in rows}
    named = [(str(kind.label), kinds.get(kind.value, 0)) for kind in Kind]
    met, late = _limits(first)
    return Month(
        first=first,
        received=total("n"),
        kinds=(*named, ("未分类", kinds.get("", 0))),
        answered=total("replied"),
        left_out=total("out"),
        on_time=met,
        ended=met + late,
        within={days: (total(f"in_{days}"), total("timed")) for days in DAYS},
    )


def _limits(first: date) -> tuple[int, int]:
    """(met, missed) among the handling limits of the leading units."""
    missed = Q(state=ClockState.LATE) | Q(state=ClockState.RUNNING, breached_at__isnull=False)
    counts = Clock.objects.filter(
        ticket__city_id=settings.CITY_REGION,
        ticket__created_at__gte=_midnight(first),
        ticket__created_at__lt=_midnight(after(first)),
        name=ClockName.HANDLE,
        assignment__part=Part.LEAD,
        assignment__parent__isnull=True,
    ).aggregate(met=Count("pk", filter=Q(state=ClockState.MET)), late=Count("pk", filter=missed))
    return int(counts["met"]), int(counts["late"])
