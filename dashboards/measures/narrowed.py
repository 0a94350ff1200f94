"""Counting what the rollups do not hold: views limited by two breakdowns at once, from the stored rows.

What the rollups know of each breakdown alone settles most of it: a counter that never counted under one of them does
not count under both, and a breakdown that holds for everything counted narrows nothing. What is left is one statement
for each time column of a source and period: each row is read once and tried against the counters in question.
(`counting.direct` asks once per counter and period.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet

from . import sums
from .conditions import stretch_of, within
from .counters import COUNTERS, Counter
from .scope import Period, Scope
from .sources import SOURCES, SUBJECTS, Source
from .sums import Ask

#: counters still to be counted in a period, with the breakdowns that narrow them
_Left = dict[str, dict[str, frozenset[str]]]


def counts(names: Iterable[str], periods: Sequence[Period], scope: Scope, on: date) -> list[dict[str, int]]:
    """Per period: counter → number, as `counting.direct` gives them."""
    wanted = tuple(dict.fromkeys(names))
    found = []
    for period, (known, left) in zip(periods, _settled(wanted, periods, scope, on), strict=True):
        numbers = dict.fromkeys(wanted, 0) | known
        for source, counters, limited in _together(left, scope):
            tried = _tried(counters, period, on)
            rows = _rows(source, limited, counters, period, on)
            if rows is not None and tried:
                numbers |= {name: int(n) for name, n in rows.aggregate(**tried).items()}
        found.append(numbers)
    return found


def counts_by(names: Iterable[str], period: Period, scope: Scope, cut: str, on: date) -> dict[str, dict[str, int]]:
    """Key of a breakdown → counter → number; keys and counters without any row are left out."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    wanted = tuple(dict.fromkeys(names))
    [(known, left)] = _settled(wanted, [period], scope, on)
    # what is settled as a number is still to be broken down
    every = left | {name: dict(scope.only) for name, n in known.items() if n}
    for source, counters, limited in _together(every, scope):
        dims = SUBJECTS[source.subject].dims
        column = source.unit if cut == "unit" else source.column(dims[cut]) if cut in dims else ""
        tried = _tried(counters, period, on)
        rows = _rows(source, limited, counters, period, on) if column and tried else None
        if rows is None:
            continue
        for key, *numbers in rows.values_list(column).annotate(**tried).order_by():
            if cut == "unit" and key is None:
                continue
            for name, n in zip(tried, numbers, strict=True):
                if n:
                    found["" if key is None else str(key)][name] = int(n)
    return dict(found)


def _settled(
    names: Sequence[str], periods: Sequence[Period], scope: Scope, on: date
) -> list[tuple[dict[str, int], _Left]]:
    """Per period: what follows from the rollups of each breakdown alone, and what has to be counted."""
    cuts = list(scope.only.items())
    asks = [Ask(tuple(names), period, cut, keys) for period in periods for cut, keys in (("", None), *cuts)]
    answers = iter(sums.read(scope.city, asks, on))
    found: list[tuple[dict[str, int], _Left]] = []
    for _ in periods:
        whole = next(answers).get("", {})
        alone = {cut: next(answers).get("", {}) for cut, _ in cuts}
        known: dict[str, int] = {}
        left: _Left = {}
        for name in names:
            narrowing = {cut: keys for cut, keys in cuts if alone[cut].get(name, 0) != whole.get(name, 0)}
            if not all(alone[cut].get(name, 0) for cut, _ in cuts):
                known[name] = 0
            elif len(narrowing) > 1:
                left[name] = narrowing
            else:
                known[name] = min(alone[cut].get(name, 0) for cut, _ in cuts)
        found.append((known, left))
    return found


def _together(left: _Left, scope: Scope) -> list[tuple[Source, list[Counter], Scope]]:
    """The counters that one reading serves: of one source, dated by one column, narrowed by the same breakdowns."""
    groups: defaultdict[tuple[str, str, tuple[str, ...]], list[Counter]] = defaultdict(list)
    for name, narrowing in left.items():
        counter = COUNTERS[name]
        groups[counter.source, counter.day, tuple(narrowing)].append(counter)
    return [
        (SOURCES[source], counters, Scope(scope.city, {cut: scope.only[cut] for cut in cuts}))
        for (source, _, cuts), counters in groups.items()
    ]


def _tried(counters: list[Counter], period: Period, on: date) -> dict[str, Count]:
    known = {counter.name: (counter, stretch_of(counter, period, on)) for counter in counters}
    return {
        name: Count("pk", filter=counter.where & days) for name, (counter, days) in known.items() if days is not None
    }


def _rows(source: Source, scope: Scope, counters: list[Counter], period: Period, on: date) -> QuerySet[Any] | None:
    limits = within(source, scope)
    stretches: list[Q] = []
    for counter in counters:
        days = stretch_of(counter, period, on)
        if days is not None and days not in stretches:
            stretches.append(days)
    if limits is None or not stretches:
        return None
    return source.rows().filter(limits, reduce(or_, stretches))
