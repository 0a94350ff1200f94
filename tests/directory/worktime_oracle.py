"""The rules of docs/worktime.md once more, written as slowly and plainly as possible, for the tests to compare with.

Nothing here is shared with the product: days are stepped one by one and asked of `chinese_calendar`, office hours are
counted minute by minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache

import chinese_calendar

CHINA = timezone(timedelta(hours=8))
ONE_DAY = timedelta(days=1)


@cache
def is_workday(day: date) -> bool:
    """The library's answer, and Monday to Friday where it has none."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def at(text: str) -> datetime:
    """A local moment `2024-09-27 15:30`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(UTC)


def days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


def midnight_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA) + ONE_DAY


def working_days(start: datetime, n: int, works: Callable[[date], bool] = is_workday) -> datetime:
    day = start.astimezone(CHINA).date()
    while n:
        day += ONE_DAY
        n -= works(day)
    return midnight_after(day)


def sign(start: datetime, hours: int = 24) -> datetime:
    """Literally: a start on a day off waits for 00:00 of the next working day; then add, then put off day by day."""
    due = start.astimezone(CHINA)
    while not is_workday(due.date()):
        due = midnight_after(due.date())
    due += timedelta(hours=hours)
    while not is_workday(due.date()):
        due += ONE_DAY
    return due


def extended(old_due: datetime, n: int) -> datetime:
    """Only for due times at 24:00: the day that ends there is the old day."""
    return working_days(old_due - timedelta(seconds=1), n)


def working_days_between(since: datetime, until: datetime) -> int:
    first, last = since.astimezone(CHINA).date() + ONE_DAY, until.astimezone(CHINA).date()
    return sum(is_workday(day) for day in days(first, last))


def sign_paused(start: datetime, hours: int, pause: tuple[datetime, datetime]) -> datetime:
    """Hour by hour, from a whole hour: hours of working days outside the pause count."""
    now = start.astimezone(CHINA)
    while hours:
        hours -= is_workday(now.date()) and not pause[0] <= now < pause[1]
        now += timedelta(hours=1)
    while not is_workday(now.date()):
        now = midnight_after(now.date())
    return now


def office_minutes(
    start: datetime, minutes: int, intervals: list[tuple[int, int]], pause: tuple[datetime, datetime] | None = None
) -> datetime:
    """Minute by minute, from a whole minute; intervals are minutes of the day."""
    now = start.astimezone(CHINA)
    while minutes:
        if is_workday(now.date()) and not (pause and pause[0] <= now < pause[1]):
            minute = now.hour * 60 + now.minute
            minutes -= any(opens <= minute < closes for opens, closes in intervals)
        now += timedelta(minutes=1)
    return now
