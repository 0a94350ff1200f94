"""What a figure is asked about: a stretch of days and, optionally, a unit, region, kind, channel or category."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from dashboards.measures.definitions import SINCE
from directory.access import departments_below, regions_below
from directory.models import Category

#: the breakdowns a scope may be limited by


#: years that a figure can be asked for
FIRST_YEAR, LAST_YEAR = SINCE.year, 2099
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day_of(text: str) -> date:
    """YYYY-MM-DD. Raises `ValueError`, which says what is accepted."""
    try:
        day = date.fromisoformat(text if _DAY.fullmatch(text) else "")  # week dates and the like are no days here
    except ValueError as error:
        raise ValueError(f"“{text[:40]}”不是日期，应为 YYYY-MM-DD") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{text} 的年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间")
    return day


def month_of(text: str) -> date:
    """The first day of YYYY-MM. Raises `ValueError`, which says what is accepted."""
    try:
        return day_of(f"{text}-01")
    except ValueError as error:
        raise ValueError(f"月份“{text}”应为 YYYY-MM，{FIRST_YEAR} 至 {LAST_YEAR} 年") from error


@dataclass(frozen=True)
class Period:
    """Whole days of Asia/Shanghai, both ends included. Raises `ValueError` when it ends before it begins."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last} 早于 {self.first}")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(self.days))

    def before(self) -> Period:
        """The stretch of the same length just before; for a whole month, the month before."""
        if self.is_month:
            last = self.first - timedelta(days=1)
            return Period(last.replace(day=1), last)
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def year_before(self) -> Period:
        return Period(_year_before(self.first), _year_before(self.last))

    @property
    def is_month(self) -> bool:
        return self.first.day == 1 and self.last == month_end(self.first)


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


@dataclass(frozen=True)
class Scope:
    """`only`: breakdown → the accepted keys, already closed downwards (a unit with those below it)."""

    city: str
    only: dict[str, frozenset[str]] = field(default_factory=dict)

    def limited(self, **keys: frozenset[str]) -> Scope:
        """The same scope, further limited."""
        merged = dict(self.only)
        for cut, accepted in keys.items():
            merged[cut] = merged[cut] & accepted if cut in merged else accepted
        return Scope(self.city, merged)


def units(*ids: int) -> frozenset[str]:
    """The units and all below them, as keys."""
    return frozenset(str(pk) for pk in departments_below(ids))


def regions(code: str) -> frozenset[str]:
    return regions_below([code])


def categories(pk: int) -> frozenset[str]:
    """A category and everything below it, as keys."""
    path = Category.objects.filter(pk=pk).values_list("path", flat=True).first()
    if path is None:
        return frozenset()
    below = Category.objects.filter(path__startswith=f"{path}/").values_list("pk", flat=True)
    return frozenset(str(key) for key in (pk, *below))
