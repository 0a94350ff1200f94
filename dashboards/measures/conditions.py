"""When and whose: the conditions by which stored rows belong to a period and a scope."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from directory.worktime.times import DAY, midnight

from .counters import Counter
from .scope import Period, Scope
from .sources import SUBJECTS, Source, city_of_all


def ends_of(period: Period) -> tuple[datetime, datetime]:
    """Midnight before the period and midnight after it."""
    return midnight(period.first), midnight(period.last + DAY)


def stretch_of(counter: Counter, period: Period, on: date) -> Q | None:
    """The condition on the day column; None when nothing can count (a running limit in a period not over yet)."""
    first, last = period.first, period.last
    if counter.ripens:
        last = min(last, on - DAY)
        if last < first:
            return None
    start, end = ends_of(Period(first, last))
    if counter.deadline:
        # 24:00 of a day is stored as 00:00 of the next and belongs to the day it ends
        return Q(**{f"{counter.day}__gt": start, f"{counter.day}__lte": end})
    return Q(**{f"{counter.day}__gte": start, f"{counter.day}__lt": end})


def can_limit(source: Source, cut: str) -> bool:
    """Whether rows of the source know this breakdown."""
    return bool(source.unit) if cut == "unit" else cut in SUBJECTS[source.subject].dims


def within(source: Source, scope: Scope) -> Q | None:
    """The condition of a scope on the rows of a source; None when the source cannot be limited so."""
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
