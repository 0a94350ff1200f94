"""Counting over a period: straight from the tickets, calls and reviews, or from the daily rollups. Same answer.

`Counts` maps counter → number. Both readers take a scope; the rollups answer scopes limited by at most one breakdown
or by two that are `pairs`, anything finer is counted from the stored rows by `narrowed`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from directory.worktime.times import DAY

from . import cells, narrowed, pairs, sums
from .conditions import stretch_of, within
from .counters import COUNTERS, Counter
from .scope import Period, Scope
from .sources import SOURCES, SUBJECTS, WIDER
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
    if not held(scope):
        return narrowed.counts(wanted, periods, scope, moment)
    found = _read(scope, [Ask(wanted, period) for period in periods], moment)
    return [dict.fromkeys(wanted, 0) | sums_.get("", {}) for sums_ in found]


def held(scope: Scope) -> bool:
    """Whether the rollups hold what is limited so; anything else has to be counted, which takes its time."""
    return len(scope.only) < 2 or pairs.of(scope) is not None


def _read(scope: Scope, asks: Sequence[Ask], on: date) -> list[sums.Sums]:
    """The answers for a scope that the rollups hold."""
    pair = pairs.of(scope)
    if pair is not None:
        return cells.read(scope.city, [(ask, pair) for ask in asks], on)
    cut, keys = next(iter(scope.only.items()), ("", None))
    return sums.read(scope.city, [replace(ask, cut=cut, keys=keys) for ask in asks], on)


def series_beside(
    names: Iterable[str], periods: Sequence[Period], scope: Scope, by: str = sums.BY_DAY, on: date | None = None
) -> list[dict[str, dict[str, int]]] | None:
    """Per period: day (or month) as text → counts, from the rollups; None for a scope that they do not hold."""
    if not held(scope):
        return None
    wanted = tuple(dict.fromkeys(names))
    return _read(scope, [Ask(wanted, period, by=by) for period in periods], on or today())


def broken_down(
    names: Iterable[str], period: Period, scope: Scope, cut: str, on: date | None = None
) -> dict[str, dict[str, int]]:
    """Key of the breakdown → counts, from the rollups (a scope limited otherwise: from the stored rows)."""
    return broken_down_by(names, period, scope, [cut], on)[cut]


def broken_down_by(
    names: Iterable[str],
    period: Period,
    scope: Scope,
    cuts: Sequence[str],
    on: date | None = None,
    *,
    grouped: bool = False,
) -> dict[str, dict[str, dict[str, int]]]:
    """Breakdown → key → counts, in one statement. `grouped`: districts and first-level categories will do as keys."""
    wanted, moment = tuple(dict.fromkeys(names)), on or today()
    ready = [cut for cut in cuts if not set(scope.only) - {cut}]
    asks = [Ask(wanted, period, cut, scope.only.get(cut), sums.BY_KEY) for cut in ready]
    found = dict(zip(ready, sums.read(scope.city, asks, moment), strict=True))
    found |= _paired(wanted, period, scope, [cut for cut in cuts if grouped or cut not in WIDER], moment)
    others = [cut for cut in cuts if cut not in found]
    return found | (narrowed.counts_by(wanted, period, scope, others, moment) if others else {})


def _paired(
    names: tuple[str, ...], period: Period, scope: Scope, cuts: Iterable[str], on: date
) -> dict[str, sums.Sums]:
    """The breakdowns of a scope limited by another one that a pair holds; not for what knows no such breakdown."""
    known = {cut: pair for cut in cuts if (pair := pairs.by(scope, cut)) is not None}
    asks = [(Ask(names, period, by=sums.BY_KEY), pair) for pair in known.values()]
    return dict(zip(known, cells.read(scope.city, asks, on), strict=True))


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
