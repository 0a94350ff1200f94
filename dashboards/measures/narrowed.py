"""Counting what the rollups do not hold: views limited by two breakdowns at once, from the stored rows.

One statement for each time column of a source, however many counters and periods: each row is read once and tried
against all of them. (`counting.direct` asks once per counter and period.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet

from .conditions import stretch_of, within
from .counters import COUNTERS, Counter
from .scope import Period, Scope
from .sources import SOURCES, SUBJECTS, Source

#: name in the statement → counter and number of the period
_Asked = dict[str, tuple[Counter, int]]


def counts(names: Iterable[str], periods: Sequence[Period], scope: Scope, on: date) -> list[dict[str, int]]:
    """Per period: counter → number, as `counting.direct` gives them."""
    wanted = tuple(dict.fromkeys(names))
    found = [dict.fromkeys(wanted, 0) for _ in periods]
    for source, counters in _together(wanted):
        asked, tried, stretches = _asked(counters, periods, on)
        rows = _rows(source, scope, stretches)
        if rows is None:
            continue
        for name, n in rows.aggregate(**tried).items():
            counter, at = asked[name]
            found[at][counter.name] = int(n)
    return found


def counts_by(names: Iterable[str], period: Period, scope: Scope, cut: str, on: date) -> dict[str, dict[str, int]]:
    """Key of a breakdown → counter → number; keys and counters without any row are left out."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for source, counters in _together(tuple(dict.fromkeys(names))):
        dims = SUBJECTS[source.subject].dims
        column = source.unit if cut == "unit" else source.column(dims[cut]) if cut in dims else ""
        asked, tried, stretches = _asked(counters, [period], on)
        rows = _rows(source, scope, stretches) if column else None
        if rows is None:
            continue
        for key, *numbers in rows.values_list(column).annotate(**tried).order_by():
            if cut == "unit" and key is None:
                continue
            for (counter, _), n in zip(asked.values(), numbers, strict=True):
                if n:
                    found["" if key is None else str(key)][counter.name] = int(n)
    return dict(found)


def _together(names: Sequence[str]) -> list[tuple[Source, list[Counter]]]:
    """The counters that one reading serves: of one source, dated by one column."""
    groups: defaultdict[tuple[str, str], list[Counter]] = defaultdict(list)
    for name in names:
        counter = COUNTERS[name]
        groups[counter.source, counter.day].append(counter)
    return [(SOURCES[source], counters) for (source, _), counters in groups.items()]


def _asked(counters: list[Counter], periods: Sequence[Period], on: date) -> tuple[_Asked, Mapping[str, Count], list[Q]]:
    asked: _Asked = {}
    tried: dict[str, Count] = {}
    stretches: list[Q] = []
    for at, period in enumerate(periods):
        for number, counter in enumerate(counters):
            days = stretch_of(counter, period, on)
            if days is None:
                continue
            name = f"n{number}_{at}"
            asked[name] = counter, at
            tried[name] = Count("pk", filter=counter.where & days)
            if days not in stretches:
                stretches.append(days)
    return asked, tried, stretches


def _rows(source: Source, scope: Scope, stretches: list[Q]) -> QuerySet[Any] | None:
    limits = within(source, scope)
    if limits is None or not stretches:
        return None
    return source.rows().filter(limits, reduce(or_, stretches))
