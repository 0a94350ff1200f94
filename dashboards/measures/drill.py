"""What stands behind a figure: the very rows that were counted, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from .counters import COUNTERS, Counter
from .counting import rows
from .definitions import Measure
from .scope import Period, Scope
from .sources import SOURCES

PARTS = {"numerator": "分子", "denominator": "分母", "missing": "未达到", "excluded": "剔除"}


@dataclass(frozen=True)
class Line:
    """One counted row: its counter's meaning, when it counts, and the id of the ticket, call or review behind it."""

    meaning: str
    at: datetime
    ticket_id: int | None
    subject: str
    subject_id: int


def parts_of(measure: Measure) -> list[str]:
    """The parts that a measure can be opened by."""
    found = ["numerator"]
    if measure.denominator:
        found += ["denominator", "missing"] if measure.nested else ["denominator"]
    return [*found, "excluded"] if measure.excluded else found


def _queries(
    measure: Measure, part: str, period: Period, scope: Scope, on: date | None
) -> list[tuple[Counter, QuerySet[Any]]]:
    top = [term.counter for term in measure.numerator]
    bottom = [term.counter for term in measure.denominator]
    names: Iterable[str]
    if part == "numerator":
        names = top
    elif part == "denominator":
        names = bottom
    elif part == "excluded":
        names = [term.counter for term in measure.excluded]
    else:
        names = [name for name in bottom if name not in top]
    found = [(COUNTERS[name], rows(COUNTERS[name], period, scope, on)) for name in names]
    if part == "missing" and not set(top) <= set(bottom):
        found = [(counter, _without(counter, query, top, period, scope, on)) for counter, query in found]
    return found


def _without(
    counter: Counter, query: QuerySet[Any], top: list[str], period: Period, scope: Scope, on: date | None
) -> QuerySet[Any]:
    """The rows of the denominator that no counter of the numerator counts too (both from one source)."""
    for name in top:
        other = COUNTERS[name]
        if other.source == counter.source:
            query = query.exclude(pk__in=rows(other, period, scope, on).values("pk"))
    return query


def count(measure: Measure, part: str, period: Period, scope: Scope, on: date | None = None) -> int:
    """How many rows stand behind that part of the figure."""
    return sum(query.count() for _, query in _queries(measure, part, period, scope, on))


def lines(
    measure: Measure, part: str, period: Period, scope: Scope, *, start: int, size: int, on: date | None = None
) -> list[Line]:
    """`size` rows from the `start`-th on, counter by counter, oldest first."""
    found: list[Line] = []
    for counter, query in _queries(measure, part, period, scope, on):
        if len(found) >= size:
            break
        total = query.count()
        if start >= total:
            start -= total
            continue
        found += _lines(counter, query, start, size - len(found))
        start = 0
    return found


def _lines(counter: Counter, query: QuerySet[Any], start: int, size: int) -> list[Line]:
    source = SOURCES[counter.source]
    columns = [counter.day, source.subject_id, *([source.ticket] if source.ticket else [])]
    chosen = query.order_by(counter.day, "pk").values_list(*columns)[start : start + size]
    return [
        Line(counter.meaning, at, ticket[0] if ticket else None, source.subject, subject)
        for at, subject, *ticket in chosen
    ]
