"""Counting over a period: straight from the tickets, calls and reviews, or from the daily rollups. Same answer.

`Counts` maps counter → number. Both readers take a scope; the rollups answer scopes limited by at most one breakdown
or by one of the `pairs`, anything finer is counted from the stored rows by `narrowed`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from directory.worktime.times import DAY

from . import narrowed, pairs, sums
from .conditions import stretch_of, within
from .counters import COUNTERS, Counter
from .scope import Period, Scope
from .sources import SOURCES, SUBJECTS
from .sums import Ask

Counts = Mapping[str, int]
#: 24:00 less this still lies on the day it ends
TICK = timedelta(microseconds=1)


def today() -> date:
    return timezone.localdate()


def rows(counter: Counter, period: Period, scope: Scope, on: date | None = None) -> QuerySet[Any]:
    """The stored rows that a counter counts: what a figure opens."""
    source = SOURCES[counter.source]
    days = stretch_of(counter, period, on or today())
    found = source.rows()
    limits = within(source, scope)
    if days is None or limits is None:
        return found.none()
    return found.filter(counter.where, days, limits)


def direct(names: Iterable[str], period: Period, scope: Scope, on: date | None = None) -> dict[str, int]:
    """Counts from the stored rows themselves."""
    return {name: rows(COUNTERS[name], period, scope, on).count() for name in dict.fromkeys(names)}


def rolled(names: Iterable[str], period: Period, scope: Scope, on: date | None = None) -> dict[str, int]:
    """Counts from the rollups; a scope limited by two breakdowns that are no pair there, from the stored rows."""
    return rolled_beside(names, [period], scope, on)[0]


def rolled_beside(
    names: Iterable[str], periods: Sequence[Period], scope: Scope, on: date | None = None
) -> list[dict[str, int]]:
    """The same counts over several periods, in one statement (limited by two breakdowns, in a few)."""
    wanted, moment = tuple(dict.fromkeys(names)), on or today()
    held = held_as(scope)
    if held is None:
        return narrowed.counts(wanted, periods, scope, moment)
    asks = [Ask(wanted, period, *held) for period in periods]
    return [dict.fromkeys(wanted, 0) | found.get("", {}) for found in sums.read(scope.city, asks, moment)]


def held_as(scope: Scope) -> tuple[str, frozenset[str] | None] | None:
    """The breakdown and keys under which the rollups hold a scope; None for one that they do not hold."""
    if len(scope.only) > 1:
        return pairs.of(scope)
    return next(iter(scope.only.items()), ("", None))


def series_beside(
    names: Iterable[str], periods: Sequence[Period], scope: Scope, by: str = sums.BY_DAY, on: date | None = None
) -> list[dict[str, dict[str, int]]] | None:
    """Per period: day (or month) as text → counts, from the rollups; None for a scope that they do not hold."""
    wanted, held = tuple(dict.fromkeys(names)), held_as(scope)
    if held is None:
        return None
    return sums.read(scope.city, [Ask(wanted, period, *held, by) for period in periods], on or today())


def broken_down(
    names: Iterable[str], period: Period, scope: Scope, cut: str, on: date | None = None
) -> dict[str, dict[str, int]]:
    """Key of the breakdown → counts, from the rollups (a scope limited otherwise: from the stored rows)."""
    return broken_down_by(names, period, scope, [cut], on)[cut]


def broken_down_by(
    names: Iterable[str], period: Period, scope: Scope, cuts: Sequence[str], on: date | None = None
) -> dict[str, dict[str, dict[str, int]]]:
    """Breakdown → key → counts, in one statement."""
    wanted, moment = tuple(dict.fromkeys(names)), on or today()
    ready = [cut for cut in cuts if not set(scope.only) - {cut}]
    asks = [Ask(wanted, period, cut, scope.only.get(cut), sums.BY_KEY) for cut in ready]
    found = dict(zip(ready, sums.read(scope.city, asks, moment), strict=True))
    others = [cut for cut in cuts if cut not in found]
    return found | (narrowed.counts_by(wanted, period, scope, others, moment) if others else {})


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
