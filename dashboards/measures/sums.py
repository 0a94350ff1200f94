"""Reading the rollups: any number of sums in one statement.

Whole months that are over are read from the monthly rows, loose days from the daily ones, so a year costs about as much
as a month. A limit still running counts only when its day is over (`Counter.ripens`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from dashboards.models import Daily, Monthly
from directory.worktime.times import DAY

from .counters import COUNTERS
from .scope import Period, month_end

DAILY, MONTHLY = (Daily._meta.db_table, "day"), (Monthly._meta.db_table, "month")
#: how the sums are given out: one per counter, or one per key, day or month and counter
WHOLE, BY_KEY, BY_DAY, BY_MONTH = "", "key", "day", "month"


@dataclass(frozen=True)
class Ask:
    """One question: the counters' sums over a period in one breakdown; `keys`: only these of its keys."""

    names: tuple[str, ...]
    period: Period
    cut: str = ""
    keys: frozenset[str] | None = None
    by: str = WHOLE


#: key, day ("2025-03-01"), month ("2025-03") or "" → counter → sum
Sums = dict[str, dict[str, int]]


def read(city: str, asks: Sequence[Ask], on: date) -> list[Sums]:
    """The answers in the order of the questions; what never counted is missing."""
    found: list[Sums] = [{} for _ in asks]
    words: list[str] = []
    values: list[Any] = []
    for index, ask in enumerate(asks):
        for text, given in _statements(index, city, ask, on):
            words.append(text)
            values += given
    if not words:
        return found
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(words), values)
        for index, key, counter, total in cursor.fetchall():
            if total:
                row = found[index].setdefault(key, {})
                row[counter] = row.get(counter, 0) + int(total)
    return found


def _statements(index: int, city: str, ask: Ask, on: date) -> Iterator[tuple[str, list[Any]]]:
    if ask.keys is not None and not ask.keys:
        return
    ripe = [name for name in ask.names if not COUNTERS[name].ripens]
    for names, period in (
        (ripe, ask.period),
        ([name for name in ask.names if name not in ripe], _over(ask.period, on)),
    ):
        if not names or period is None:
            continue
        for (table, column), first, last in stretches(period, on, days=ask.by == BY_DAY):
            yield _statement(index, city, ask, names, table, column, first, last)


def _over(period: Period, on: date) -> Period | None:
    """The days of the period that are over."""
    last = min(period.last, on - DAY)
    return Period(period.first, last) if last >= period.first else None


def stretches(period: Period, on: date, days: bool) -> Iterator[tuple[tuple[str, str], date, date]]:
    """The loose days before, the whole months that are over, the loose days after."""
    first = period.first if period.first.day == 1 else month_end(period.first) + DAY
    last = min(period.last, on - DAY)
    last = last if last == month_end(last) else last.replace(day=1) - DAY
    if days or last < first:
        yield DAILY, period.first, period.last
        return
    if period.first < first:
        yield DAILY, period.first, first - DAY
    yield MONTHLY, first, last
    if last < period.last:
        yield DAILY, last + DAY, period.last


def _statement(
    index: int, city: str, ask: Ask, names: list[str], table: str, column: str, first: date, last: date
) -> tuple[str, list[Any]]:
    text = f"CAST({column} AS text)"
    key = {WHOLE: "''", BY_KEY: "key", BY_DAY: text, BY_MONTH: f"substr({text}, 1, 7)"}[ask.by]
    where = f"city = %s AND cut = %s AND counter IN ({_places(names)}) AND {column} BETWEEN %s AND %s"
    convert = connection.ops.adapt_datefield_value
    values: list[Any] = [city, ask.cut, *names, convert(first), convert(last)]
    if ask.keys is not None:
        where += f" AND key IN ({_places(ask.keys)})"
        values += sorted(ask.keys)
    group = "counter" if ask.by == WHOLE else f"counter, {key}"
    return f"SELECT {index}, {key}, counter, SUM(n) FROM {table} WHERE {where} GROUP BY {group}", values


def _places(items: Iterable[object]) -> str:
    return ", ".join("%s" for _ in items)
