"""Counting over a period: straight from the tickets, calls and reviews, or from the daily rollups. Same answer.

`Counts` maps counter → number. Both readers take a scope; the rollups answer scopes limited by at most one breakdown,
anything finer is counted directly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from dashboards.models import Daily
from directory.worktime.times import DAY, midnight

from .counters import COUNTERS, Counter
from .scope import Period, Scope
from .sources import SOURCES, SUBJECTS, city_of_all

Counts = Mapping[str, int]


def today() -> date:
    return timezone.localdate()


def _stretch(counter: Counter, period: Period, on: date) -> Q | None:
    """The condition on the day column; None when nothing can count (a running limit in a period not over yet)."""
    first, last = period.first, period.last
    if counter.ripens:
        last = min(last, on - DAY)
        if last < first:
            return None
    start, end = midnight(first), midnight(last + DAY)
    if counter.deadline:
        # 24:00 of a day is stored as 00:00 of the next and belongs to the day it ends
        return Q(**{f"{counter.day}__gt": start, f"{counter.day}__lte": end})
    return Q(**{f"{counter.day}__gte": start, f"{counter.day}__lt": end})


def rows(counter: Counter, period: Period, scope: Scope, on: date | None = None) -> QuerySet[Any]:
    """The stored rows that a counter counts: what a figure opens."""
    source = SOURCES[counter.source]
    stretch = _stretch(counter, period, on or today())
    found = source.rows()
    within = _within(counter, scope)
    if stretch is None or within is None:
        return found.none()
    return found.filter(counter.where, stretch, within)


def _within(counter: Counter, scope: Scope) -> Q | None:
    source = SOURCES[counter.source]
    subject = SUBJECTS[source.subject]
    if not subject.city and scope.city != city_of_all():
        return None
    condition = Q(**{source.column(subject.city): scope.city}) if subject.city else Q()
    for cut, keys in scope.only.items():
        column = source.unit if cut == "unit" else source.column(subject.dims[cut]) if cut in subject.dims else ""
        if not column:
            return None
        condition &= Q(**{f"{column}__in": list(keys)})
    return condition


def direct(names: Iterable[str], period: Period, scope: Scope, on: date | None = None) -> dict[str, int]:
    """Counts from the stored rows themselves."""
    return {name: rows(COUNTERS[name], period, scope, on).count() for name in dict.fromkeys(names)}


def rolled(names: Iterable[str], period: Period, scope: Scope, on: date | None = None) -> dict[str, int]:
    """Counts from the rollups; a scope limited by two breakdowns at once is counted directly."""
    wanted = list(dict.fromkeys(names))
    if len(scope.only) > 1:
        return direct(wanted, period, scope, on)
    found = dict.fromkeys(wanted, 0)
    moment = on or today()
    cut, keys = next(iter(scope.only.items()), ("", frozenset()))
    for ripens in (False, True):
        some = [name for name in wanted if COUNTERS[name].ripens is ripens]
        last = min(period.last, moment - DAY) if ripens else period.last
        if not some or last < period.first:
            continue
        sums = _daily(scope.city, cut, some).filter(day__gte=period.first, day__lte=last)
        if cut:
            sums = sums.filter(key__in=list(keys))
        found.update(dict(sums.values_list("counter").annotate(total=Sum("n")).order_by()))
    return found


def _daily(city: str, cut: str, names: list[str]) -> QuerySet[Daily]:
    return Daily.objects.filter(city=city, cut=cut, counter__in=names)


def series(names: Iterable[str], period: Period, city: str, on: date | None = None) -> dict[date, dict[str, int]]:
    """Day → counts, from the rollups of the whole city."""
    moment = on or today()
    found: dict[date, dict[str, int]] = defaultdict(dict)
    wanted = list(dict.fromkeys(names))
    days = _daily(city, "", wanted).filter(day__gte=period.first, day__lte=period.last)
    for day, counter, n in days.values_list("day", "counter", "n"):
        if day < moment or not COUNTERS[counter].ripens:
            found[day][counter] = n
    return found


def broken_down(
    names: Iterable[str], period: Period, scope: Scope, cut: str, on: date | None = None
) -> dict[str, dict[str, int]]:
    """Key of the breakdown → counts, from the rollups (a scope limited otherwise is counted directly)."""
    wanted, moment = list(dict.fromkeys(names)), on or today()
    if set(scope.only) - {cut}:
        return broken_down_direct(wanted, period, scope, cut, moment)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    sums = _daily(scope.city, cut, wanted).filter(day__gte=period.first, day__lte=period.last)
    if cut in scope.only:
        sums = sums.filter(key__in=list(scope.only[cut]))
    late = [name for name in wanted if COUNTERS[name].ripens]
    if late:
        sums = sums.exclude(counter__in=late, day__gte=moment)
    for key, counter, total in sums.values_list("key", "counter").annotate(total=Sum("n")).order_by():
        if total:
            found[key][counter] = total
    return found


def broken_down_direct(names: list[str], period: Period, scope: Scope, cut: str, on: date) -> dict[str, dict[str, int]]:
    from django.db.models import Count

    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name in names:
        counter = COUNTERS[name]
        source = SOURCES[counter.source]
        dims = SUBJECTS[source.subject].dims
        column = source.unit if cut == "unit" else source.column(dims[cut]) if cut in dims else ""
        if not column:
            continue
        for key, n in rows(counter, period, scope, on).values_list(column).annotate(n=Count("pk")).order_by():
            if cut != "unit" or key is not None:
                found["" if key is None else str(key)][name] = n
    return found


def day_of(counter: Counter, moment: datetime) -> date:
    """The local day on which a row counts."""
    local = timezone.localtime(moment)
    if counter.deadline and local.hour == local.minute == local.second == local.microsecond == 0:
        return local.date() - DAY
    return local.date()
