"""The working calendar of one region: which days are worked, why, and how far that is known.

A calendar is built from layers: the published years of `chinesecalendar` (国务院 holidays and 调休 make-up days), then
years loaded from files and single days entered locally, the national ones first and the nearest region last. Beyond
the published years Monday to Friday are assumed to be worked and every result that used such a day is provisional.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate

import chinese_calendar

from directory.worktime.times import WEEKDAYS

# China last changed its clocks in 1991, so a local day of this range always has 24 hours.
FIRST_DAY = date(1992, 1, 1)
LAST_DAY = date(2099, 12, 31)
_ORIGIN = FIRST_DAY.toordinal()
_DAYS = LAST_DAY.toordinal() - _ORIGIN + 1
_HOLIDAY_NAMES = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}

# The notice for a year arranges New Year's Day, whose bridge and make-up days reach back into December: 2018-12-29 was
# worked and 2018-12-31 was not, by the notice for 2019. Three days off that end on 1 January are made up on
# 28 December at the earliest.
NEW_YEAR_REACH = (12, 28)


class OutsideCalendar(ValueError):
    """A date before 1992 or after 2099 was asked for."""


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One stated day: worked or not, and the name of the occasion."""

    date: date
    is_working: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one authority states.

    A year in `years` replaces all that the layers below said of it; `days` override single days.
    """

    years: frozenset[int] = frozenset()
    days: tuple[DayEntry, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Immutable; equal and hashed by `version`, which is a digest of everything the calendar says."""

    version: str
    known_through: date
    _working: bytes = field(repr=False)
    _known: bytes = field(repr=False)
    _names: Mapping[int, str] = field(repr=False)
    _count: array[int] = field(repr=False)  # working days up to and with each day
    _unknown: array[int] = field(repr=False)  # unpublished days up to and with each day
    _workdays: array[int] = field(repr=False)  # offsets of the working days, in order

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and other.version == self.version

    def __hash__(self) -> int:
        return hash(self.version)

    def is_working(self, day: date) -> bool:
        return bool(self._working[_offset(day)])

    def is_known(self, day: date) -> bool:
        """Whether the day was published, loaded or stated locally; an assumed day is not known."""
        return bool(self._known[_offset(day)])

    def explain(self, day: date) -> str:
        """Why the day is worked or not, in Chinese.

        `2024-10-01 国庆节 休`, `2024-09-29 调休上班`, `2024-10-14 周一 上班`.
        """
        offset = _offset(day)
        working, weekday = bool(self._working[offset]), WEEKDAYS[day.weekday()]
        if not self._known[offset]:
            assumed = "上班" if working else "休"
            return f"{day} {weekday} {assumed}（放假安排未公布，暂按周末推算）"
        if working and day.weekday() > 4:
            return f"{day} 调休上班"
        name = self._names.get(offset) or weekday
        return f"{day} {name} {'上班' if working else '休'}"

    def occasion(self, day: date) -> str:
        """The name of the holiday or local occasion, empty on an ordinary day."""
        return self._names.get(_offset(day), "")

    def count(self, after: date, until: date) -> int:
        """Working days in (after, until]; 0 when `until` is not later."""
        return max(0, self._count[_offset(until)] - self._count[_offset(after)])

    def nth(self, after: date, n: int) -> date:
        """The n-th working day after the date (n ≥ 1)."""
        return self.workday(self._count[_offset(after)] + n - 1)

    def next_working(self, day: date) -> date:
        """The day itself when it is worked, otherwise the next that is."""
        return day if self.is_working(day) else self.nth(day, 1)

    def last_working(self, day: date, back: int = 0) -> date:
        """The last working day at or before the date, or the one `back` working days earlier."""
        return self.workday(self._count[_offset(day)] - 1 - back)

    def index(self, day: date) -> int:
        """How many working days of this calendar lie before the date: its own number when it is worked."""
        offset = _offset(day)
        return self._count[offset] - self._working[offset]

    def workday(self, index: int) -> date:
        """The working day with that number, as counted by `index`."""
        if not 0 <= index < len(self._workdays):
            raise OutsideCalendar(f"the calendar covers {FIRST_DAY} to {LAST_DAY}; the limit leads out of it")
        return date.fromordinal(_ORIGIN + self._workdays[index])

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether any day of first..last is only assumed."""
        end, begin = _offset(last), _offset(first)
        return self._unknown[end] - self._unknown[begin] + (not self._known[begin]) > 0


def _offset(day: date) -> int:
    offset = day.toordinal() - _ORIGIN
    if 0 <= offset < _DAYS:
        return offset
    raise OutsideCalendar(f"{day} is outside the calendar; accepted are {FIRST_DAY} to {LAST_DAY}")


def settling_year(day: date) -> int:
    """The year whose notice decides the day: its own, or the next for the last days of December."""
    return day.year + ((day.month, day.day) >= NEW_YEAR_REACH)


def settled_days(year: int) -> tuple[date, date]:
    """First and last day that the notice for a year decides."""
    reach = date(year - 1, *NEW_YEAR_REACH)
    return reach, date(year, *NEW_YEAR_REACH) - timedelta(days=1)


def library_years() -> tuple[int, int]:
    """First and last year published in the installed `chinesecalendar`."""
    years = [day.year for day in chinese_calendar.holidays]
    return min(years), max(years)


class _Draft:
    """A calendar being written, layer by layer."""

    def __init__(self) -> None:
        self.working = bytearray(_weekdays(0, _DAYS))
        self.known = bytearray(_DAYS)
        self.names: dict[int, str] = {}

    def copy(self) -> _Draft:
        twin = _Draft.__new__(_Draft)
        twin.working, twin.known, twin.names = self.working[:], self.known[:], dict(self.names)
        return twin

    def open_year(self, year: int) -> None:
        """Make the days a year's notice decides known, and plain Monday to Friday until entries say otherwise."""
        first, last = settled_days(year)
        begin, end = max(0, first.toordinal() - _ORIGIN), min(_DAYS, last.toordinal() - _ORIGIN + 1)
        self.working[begin:end] = _weekdays(begin, end)
        self.known[begin:end] = b"\x01" * max(0, end - begin)
        for offset in range(begin, end):
            self.names.pop(offset, None)

    def state(self, entry: DayEntry) -> None:
        offset = _offset(entry.date)
        self.working[offset] = entry.is_working
        self.known[offset] = True
        self.names.pop(offset, None)
        if entry.name:
            self.names[offset] = entry.name

    def finish(self) -> Calendar:
        working, known = bytes(self.working), bytes(self.known)
        known_through = FIRST_DAY + timedelta(days=_last_known(known))
        return Calendar(
            version=_version(working, known, self.names, known_through),
            known_through=known_through,
            _working=working,
            _known=known,
            _names=self.names,
            _count=array("i", accumulate(working)),
            _unknown=array("i", accumulate(1 - flag for flag in known)),
            _workdays=array("i", (offset for offset, flag in enumerate(working) if flag)),
        )


def _weekdays(begin: int, end: int) -> bytes:
    """Flags of Monday to Friday for the offsets begin..end-1."""
    week = bytes(1 if weekday < 5 else 0 for weekday in range(7))
    shift = (FIRST_DAY.weekday() + begin) % 7
    length = max(0, end - begin)
    return (week * (length // 7 + 2))[shift : shift + length]


def _last_known(known: bytes) -> int:
    """Offset of the last day of the first unbroken stretch that reaches past the first published year."""
    start = max(0, settled_days(library_years()[0])[0].toordinal() - _ORIGIN)
    gap = known.find(b"\x00", start)
    return (gap if gap >= 0 else len(known)) - 1


def _version(working: bytes, known: bytes, names: Mapping[int, str], known_through: date) -> str:
    digest = sha256(working + known + repr(sorted(names.items())).encode()).hexdigest()
    return f"{chinese_calendar.__version__}/{known_through.year}/{digest[:12]}"


@lru_cache(maxsize=8)
def _published(through: int) -> _Draft:
    """What the library publishes, up to the year `through` (0: all of it)."""
    draft = _Draft()
    first, last = library_years()
    last = min(last, through) if through else last
    for year in range(first, last + 1):
        draft.open_year(year)
    for days, working in ((chinese_calendar.holidays, False), (chinese_calendar.workdays, True)):
        for day, name in days.items():
            if settling_year(day) <= last:
                draft.state(DayEntry(day, working, _HOLIDAY_NAMES.get(name, name)))
    return draft


def build(layers: Sequence[Layer] = (), *, through: int = 0) -> Calendar:
    """A calendar of the published years and the given layers, later layers winning.

    `through` hides the library's years after it, as if they had not been published yet (0 hides none); loaded years
    and stated days always count.
    """
    if not layers:
        return _plain(through)
    draft = _published(through).copy()
    for layer in layers:
        for year in sorted(layer.years):
            draft.open_year(year)
        _state_all(draft, layer.days)
    return draft.finish()


def _state_all(draft: _Draft, entries: Iterable[DayEntry]) -> None:
    for entry in entries:
        draft.state(entry)


@lru_cache(maxsize=8)
def _plain(through: int) -> Calendar:
    return _published(through).copy().finish()
