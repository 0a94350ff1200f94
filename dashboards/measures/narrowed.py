"""Counting what the rollups do not hold: views limited by two breakdowns at once, from the stored rows.

One statement for each time column of a source answers all counters and periods: each row is read once, put into its
period, and tried against every counter. The conditions are those of `counters`; their SQL is compiled once in a
process, for compiling it takes longer than the database takes to answer. (`counting.direct` asks once per counter.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.models import Case, F, IntegerField, Value, When

from directory.worktime.times import midnight

from .conditions import can_limit, ends_of
from .counters import COUNTERS, Counter
from .scope import Period, Scope
from .sources import SOURCES, SUBJECTS, Source, city_of_all

#: breakdowns whose columns hold numbers
_NUMBERS = frozenset({"unit", "category", "level"})
#: cut → key → counter → number
_Broken = dict[str, dict[str, dict[str, int]]]


def counts(names: Iterable[str], periods: Sequence[Period], scope: Scope, on: date) -> list[dict[str, int]]:
    """Per period: counter → number, as `counting.direct` gives them."""
    wanted = tuple(dict.fromkeys(names))
    found = [dict.fromkeys(wanted, 0) for _ in periods]
    for group in _groups(wanted, scope):
        for at, _, numbers in _read(group, periods, scope, (), on):
            for counter, n in zip(group.counters, numbers, strict=True):
                found[at][counter.name] = n
    return found


def counts_by(names: Iterable[str], period: Period, scope: Scope, cuts: Sequence[str], on: date) -> _Broken:
    """Breakdown → key → counter → number; keys and counters without any row are left out."""
    found: _Broken = {cut: defaultdict(dict) for cut in cuts}
    for group in _groups(tuple(dict.fromkeys(names)), scope):
        known = tuple(cut for cut in cuts if can_limit(group.source, cut))
        if not known:
            continue
        for _, keys, numbers in _read(group, [period], scope, known, on):
            for cut, key in zip(known, keys, strict=True):
                if key is None and cut == "unit":
                    continue
                row = found[cut]["" if key is None else str(key)]
                for counter, n in zip(group.counters, numbers, strict=True):
                    if n:
                        row[counter.name] = row.get(counter.name, 0) + n
    return {cut: {key: row for key, row in rows.items() if row} for cut, rows in found.items()}


@dataclass(frozen=True)
class _Group:
    """Counters that one reading serves: of one source, dated by one column in one way."""

    source: Source
    day: str
    deadline: bool
    counters: tuple[Counter, ...]


def _groups(names: Sequence[str], scope: Scope) -> list[_Group]:
    """What has to be read; a source that cannot be limited as the scope asks counts nothing."""
    found: defaultdict[tuple[str, str, bool], list[Counter]] = defaultdict(list)
    for name in names:
        counter = COUNTERS[name]
        found[counter.source, counter.day, counter.deadline].append(counter)
    groups = [
        _Group(SOURCES[source], day, deadline, tuple(counters)) for (source, day, deadline), counters in found.items()
    ]
    return [group for group in groups if _limited(group.source, scope)]


def _limited(source: Source, scope: Scope) -> bool:
    foreign = not SUBJECTS[source.subject].city and scope.city != city_of_all()
    return not foreign and all(can_limit(source, cut) for cut in scope.only)


@lru_cache(maxsize=64)
def _rows(name: str, vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The rows of a source as a named table: whose they are, by what they are broken down, when, and which counters
    count them (1 or 0). The database reads of it what a question names."""
    source = SOURCES[name]
    subject = SUBJECTS[source.subject]
    taken: dict[str, Any] = {"city_": F(source.column(subject.city))} if subject.city else {}
    if source.unit:
        taken["cut_unit_"] = F(source.unit)
    taken |= {f"cut_{cut}_": F(source.column(column)) for cut, column in subject.dims.items()}
    counters = [counter for counter in COUNTERS.values() if counter.source == name]
    taken |= {f"at_{day}_": F(day) for day in dict.fromkeys(counter.day for counter in counters)}
    taken |= {
        f"is_{counter.name}_": Case(When(counter.where, then=Value(1)), default=Value(0), output_field=IntegerField())
        for counter in counters
    }
    text, values = source.rows().annotate(**taken).order_by().values_list(*taken).query.sql_with_params()
    names = ", ".join(column.rstrip("_") for column in taken)
    return f"WITH made ({names}) AS ({text})", tuple(values)


def _read(
    group: _Group, periods: Sequence[Period], scope: Scope, cuts: tuple[str, ...], on: date
) -> Iterator[tuple[int, tuple[Any, ...], tuple[int, ...]]]:
    """Place of the period, keys of the breakdowns, number per counter."""
    for places in _apart(periods):
        text, values = _question(group, [periods[at] for at in places], scope, cuts, on)
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            for at, *row in cursor.fetchall():
                numbers = tuple(int(n) for n in row[len(cuts) :])
                yield places[at], tuple(row[: len(cuts)]), numbers


def _apart(periods: Sequence[Period]) -> list[list[int]]:
    """The places of the periods read together: all of them, unless two share a day."""
    every = list(range(len(periods)))
    ordered = sorted(periods, key=lambda period: period.first)
    if any(one.last >= other.first for one, other in pairwise(ordered)):
        return [[at] for at in every]
    return [every]


def _question(
    group: _Group, periods: Sequence[Period], scope: Scope, cuts: tuple[str, ...], on: date
) -> tuple[str, list[Any]]:
    start, given = _rows(group.source.name, connection.vendor)
    at = f"at_{group.day}"
    within = f"{at} > %s AND {at} <= %s" if group.deadline else f"{at} >= %s AND {at} < %s"
    ends = [moment for period in periods for moment in map(_moment, ends_of(period))]
    which = " ".join(f"WHEN {within} THEN {place}" for place in range(len(periods)))
    # what ripens counts only when its day is over: before today's midnight
    ripe = f"{at} <= %s" if group.deadline else f"{at} < %s"
    sums = ", ".join(
        f"SUM(CASE WHEN {ripe} THEN is_{c.name} ELSE 0 END)" if c.ripens else f"SUM(is_{c.name})"
        for c in group.counters
    )
    ripened = [_moment(midnight(on))] * sum(c.ripens for c in group.counters)
    limits, keys = _limits(group.source, scope)
    keyed = "".join(f"cut_{cut}, " for cut in cuts)
    places = ", ".join(str(place + 1) for place in range(len(cuts) + 1))
    text = (
        f"{start} SELECT CASE {which} END AS place, {keyed}{sums} FROM made "
        f"WHERE ({' OR '.join(f'({within})' for _ in periods)}){limits} GROUP BY {places}"
    )
    return text, [*given, *ends, *ripened, *ends, *keys]


def _limits(source: Source, scope: Scope) -> tuple[str, list[Any]]:
    words = ""
    values: list[Any] = []
    if SUBJECTS[source.subject].city:
        words, values = " AND city = %s", [scope.city]
    for cut, keys in scope.only.items():
        accepted: list[Any] = sorted(map(int, keys)) if cut in _NUMBERS else sorted(keys)
        if not accepted:
            return f"{words} AND 1 = 0", values
        words += f" AND cut_{cut} IN ({', '.join(['%s'] * len(accepted))})"
        values += accepted
    return words, values


def _moment(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
