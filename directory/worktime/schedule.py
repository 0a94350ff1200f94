"""Office hours: the opening intervals of a week, with lunch breaks and seasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from directory.worktime.calendar import Calendar, OutsideCalendar
from directory.worktime.times import DAY, SHANGHAI, WEEKDAYS, local

# A schedule may have seasons; one whose next opening is further away than this is taken as closed for good.
_LONGEST_CLOSURE = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Opening:
    """One interval of one weekday (0 = Monday), local time; its dates are inclusive and may be open on either side."""

    weekday: int
    opens: time
    closes: time
    effective_from: date | None = None
    effective_to: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"weekday {self.weekday}: accepted is 0 (Monday) to 6 (Sunday)")
        if self.opens >= self.closes:
            raise ValueError(f"office hours {self.opens}-{self.closes}: the opening must come before the closing")

    def applies(self, day: date) -> bool:
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True)
class Schedule:
    """The office hours of one region. Raises ValueError when two openings of a weekday overlap on the same dates."""

    openings: tuple[Opening, ...]

    def __post_init__(self) -> None:
        for index, one in enumerate(self.openings):
            for other in self.openings[index + 1 :]:
                if _overlap(one, other):
                    raise ValueError(
                        f"office hours of {WEEKDAYS[one.weekday]} overlap: {one.opens:%H:%M}-{one.closes:%H:%M} "
                        f"and {other.opens:%H:%M}-{other.closes:%H:%M}"
                    )

    def intervals(self, day: date, calendar: Calendar) -> tuple[tuple[datetime, datetime], ...]:
        """Opening intervals of the date in UTC, in order; none on a day that is not worked."""
        return _intervals(self, day, calendar)

    def elapsed(self, since: datetime, until: datetime, calendar: Calendar) -> timedelta:
        """Office time between two moments; zero when `until` is not later."""
        total = timedelta()
        day, last = local(since).date(), local(until).date()
        while day <= last:
            for opens, closes in self.intervals(day, calendar):
                total += max(timedelta(), min(closes, until) - max(opens, since))
            day += DAY
        return total

    def advance(self, start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
        """The moment at which that much office time has passed since `start`; the closing time when it ends there.

        Raises ValueError when the schedule has no opening in the 400 days after a day.
        """
        left = amount
        for opens, closes in self._from(start, calendar):
            available = closes - max(opens, start)
            if left <= available:
                return max(opens, start) + left
            left -= available
        raise ValueError("the office hours have no opening for more than a year; the limit never ends")

    def _from(self, start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
        """The intervals that end after `start`, day by day, until a closure that is too long."""
        day = last_open = local(start).date()
        while day - last_open <= _LONGEST_CLOSURE:
            try:
                intervals = self.intervals(day, calendar)
            except OutsideCalendar:
                return
            for opens, closes in intervals:
                if closes > start:
                    last_open = day
                    yield opens, closes
            day += DAY

    def _of(self, day: date) -> tuple[Opening, ...]:
        """The openings of a worked date; a make-up weekend day without its own follows the first weekday that has."""
        current = [opening for opening in self.openings if opening.applies(day)]
        by_weekday = {weekday: tuple(o for o in current if o.weekday == weekday) for weekday in range(7)}
        if by_weekday[day.weekday()] or day.weekday() < 5:
            return by_weekday[day.weekday()]
        return next((openings for openings in by_weekday.values() if openings), ())


@lru_cache(maxsize=4096)
def _intervals(schedule: Schedule, day: date, calendar: Calendar) -> tuple[tuple[datetime, datetime], ...]:
    if not calendar.is_working(day):
        return ()
    openings = sorted(schedule._of(day), key=lambda opening: opening.opens)
    return tuple((_at(day, opening.opens), _at(day, opening.closes)) for opening in openings)


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, SHANGHAI).astimezone(UTC)


def _overlap(one: Opening, other: Opening) -> bool:
    same_dates = (one.effective_from or date.min) <= (other.effective_to or date.max) and (
        other.effective_from or date.min
    ) <= (one.effective_to or date.max)
    return one.weekday == other.weekday and same_dates and one.opens < other.closes and other.opens < one.closes


def weekly(*intervals: tuple[time, time], weekdays: range = range(5)) -> Schedule:
    """The same intervals on each of the weekdays."""
    return Schedule(tuple(Opening(weekday, opens, closes) for weekday in weekdays for opens, closes in intervals))


# Used where a region and its superiors have no office hours of their own; see docs/worktime.md.
DEFAULT_SCHEDULE = weekly((time(9), time(12)), (time(13), time(17)))
