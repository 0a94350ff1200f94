"""What is only known now (coverage of rating channels), remembered once a day, so that it has a trend."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count

from dashboards.measures import counting
from dashboards.measures.definitions import Measure, measures
from dashboards.measures.evaluate import Figure, percent, state_rows
from dashboards.measures.scope import Period, Scope
from dashboards.models import StateDay


def note() -> int:
    """The job: today's states of the city, the last look at a day standing for it. Returns 0: always done in one go."""
    scope, day = Scope(settings.CITY_REGION), counting.today()
    for item in measures(day):
        rows = state_rows(item, scope) if item.state else None
        if rows is None:
            continue
        counted = dict(rows.order_by().values_list("covered").annotate(n=Count("pk")))
        facts = {"covered": counted.get(True, 0), "total": sum(counted.values())}
        StateDay.objects.update_or_create(city=scope.city, code=item.code, day=day, defaults=facts)
    return 0


def at_end_of(item: Measure, months: Iterable[Period], scope: Scope) -> dict[Period, Figure]:
    """The state as last noted in each month; a month without a note, and a limited view, have none."""
    stretches = list(months)
    if scope.only or not stretches:
        return {}
    first, last = min(month.first for month in stretches), max(month.last for month in stretches)
    rows = StateDay.objects.filter(city=scope.city, code=item.code, day__range=(first, last)).order_by("day")
    found: dict[Period, Figure] = {}
    for row in rows:
        month = next(one for one in stretches if one.first <= row.day <= one.last)
        missing = row.total - row.covered
        found[month] = Figure(item, percent(row.covered, row.total), row.covered, row.total, 0, missing=missing)
    return found
