"""Calendars and office hours as the database states them, kept in memory between questions.

Each process keeps what it read and compares it with the tables again after `RECHECK_SECONDS`, so an answer costs no
query; a change made in this process through `announce` is seen at once. A due time computed in another process in that
interval carries the old `calendar_version`, by which it can be found and recomputed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from datetime import time as time_of_day

from django.conf import settings
from django.db import transaction

from directory.models import CalendarDay, CalendarYear, OfficeHours, Region
from directory.worktime.calendar import Calendar, DayEntry, Layer, build
from directory.worktime.schedule import DEFAULT_SCHEDULE, Opening, Schedule

RECHECK_SECONDS = 15.0

_DayRow = tuple[str | None, date, bool, str]
_HoursRow = tuple[str | None, int, time_of_day, time_of_day, date | None, date | None]


class UnknownRegion(LookupError):
    """A region code that the directory does not hold."""


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What was changed: the region's code (None: the whole country) and the years, none for office hours."""

    region: str | None
    years: tuple[int, ...] = ()


# Called after the commit of every change of working days or office hours; must bear being called twice.
on_calendar_change: list[Callable[[CalendarChange], None]] = []


def calendar_for(region: str | None = None) -> Calendar:
    """The calendar of a region by its code: the country's, overridden by each superior and the region itself.

    None is the whole country. Raises `UnknownRegion`.
    """
    state = _of_region(region)
    levels = tuple(code for code in state.lineage(region) if code in state.layers)
    if levels not in state.calendars:
        state.calendars[levels] = build([state.layers[code] for code in levels], through=state.through)
    return state.calendars[levels]


def office_hours_for(region: str | None = None) -> Schedule:
    """The office hours of the region, of the nearest superior that has any, or the default. Raises `UnknownRegion`."""
    state = _of_region(region)
    for code in reversed(tuple(state.lineage(region))):
        if code in state.openings:
            return Schedule(state.openings[code])
    return DEFAULT_SCHEDULE


def announce(change: CalendarChange) -> None:
    """To be called after every write: this process forgets at once, and the listeners hear of it after the commit."""
    forget()
    transaction.on_commit(lambda: _tell(change))


def forget() -> None:
    """Read the tables again at the next question."""
    global _state
    _state = None


def _tell(change: CalendarChange) -> None:
    forget()  # another thread may have read the old rows before the commit
    for listener in tuple(on_calendar_change):
        listener(change)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The tables as read; compared as a whole to see whether anything changed."""

    through: int
    parents: Mapping[str, str | None]
    years: tuple[tuple[str | None, int], ...]
    days: tuple[_DayRow, ...]
    hours: tuple[_HoursRow, ...]


@dataclass(frozen=True, slots=True)
class _State:
    rows: _Rows
    read_at: float
    layers: Mapping[str | None, Layer]
    openings: Mapping[str | None, tuple[Opening, ...]]
    calendars: dict[tuple[str | None, ...], Calendar] = field(default_factory=dict)

    @property
    def through(self) -> int:
        return self.rows.through

    def knows(self, region: str | None) -> bool:
        return region is None or region in self.rows.parents

    def lineage(self, region: str | None) -> Iterator[str | None]:
        """The country, then each superior down to the region."""
        chain: list[str | None] = []
        code = region
        while code is not None and code not in chain:
            chain.append(code)
            code = self.rows.parents.get(code)
        yield None
        yield from reversed(chain)


_state: _State | None = None


def _of_region(region: str | None) -> _State:
    """A state that knows the region; read again once, for a region that is newer than the state."""
    state = _current()
    if not state.knows(region):
        forget()
        state = _current()
    if not state.knows(region):
        raise UnknownRegion(f"region {region!r} is not in the directory")
    return state


def _current() -> _State:
    global _state
    state, now = _state, time.monotonic()
    if state and now - state.read_at < RECHECK_SECONDS and state.through == settings.CALENDAR_THROUGH:
        return state
    rows = _read()
    state = replace(state, read_at=now) if state and state.rows == rows else _interpret(rows, now)
    _state = state
    return state


def _read() -> _Rows:
    return _Rows(
        through=settings.CALENDAR_THROUGH,
        parents=dict(Region.objects.values_list("code", "parent_id")),
        years=tuple(CalendarYear.objects.order_by("pk").values_list("region_id", "year")),
        days=tuple(CalendarDay.objects.order_by("pk").values_list("region_id", "date", "is_working", "name")),
        hours=tuple(
            OfficeHours.objects.order_by("pk").values_list(
                "region_id", "weekday", "opens", "closes", "effective_from", "effective_to"
            )
        ),
    )


def _interpret(rows: _Rows, now: float) -> _State:
    years: dict[str | None, set[int]] = defaultdict(set)
    days: dict[str | None, list[DayEntry]] = defaultdict(list)
    openings: dict[str | None, list[Opening]] = defaultdict(list)
    for region, year in rows.years:
        years[region].add(year)
    for day in rows.days:
        days[day[0]].append(DayEntry(*day[1:]))
    for hours in rows.hours:
        openings[hours[0]].append(Opening(*hours[1:]))
    layers = {region: Layer(frozenset(years[region]), tuple(days[region])) for region in {*years, *days}}
    return _State(rows, now, layers, {region: tuple(items) for region, items in openings.items()})
