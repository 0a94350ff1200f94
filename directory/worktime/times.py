"""Local and stored time. Everything outside is UTC; days and times of day are those of Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def local(moment: datetime) -> datetime:
    """The moment on the clock of Asia/Shanghai. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; an aware datetime is accepted")
    return moment.astimezone(SHANGHAI)


def midnight(day: date) -> datetime:
    """00:00 local of the day, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def day_end(day: date) -> datetime:
    """24:00 local of the day (00:00 of the next), in UTC."""
    return midnight(day + DAY)


def last_day(due_at: datetime) -> date:
    """The local day a deadline belongs to: 24:00 of a day is that day, not the next."""
    return (local(due_at) - MICROSECOND).date()


def day_text(day: date) -> str:
    """`2024-09-29（周日）`."""
    return f"{day}（{WEEKDAYS[day.weekday()]}）"


def moment_text(moment: datetime) -> str:
    """`2024-09-29（周日）15:30` local."""
    here = local(moment)
    return f"{day_text(here.date())}{here:%H:%M}"


def due_text(due_at: datetime) -> str:
    """As `moment_text`, but 00:00 is written as 24:00 of the day before, the way a limit is spoken of."""
    here = local(due_at)
    if here.time() == time.min:
        return f"{day_text(here.date() - DAY)}24:00"
    return moment_text(due_at)
