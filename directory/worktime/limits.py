"""Legal limits: from a start to a due time, with the reasons line by line.

The limits are those of 河南省12345政务服务便民热线运行管理办法; how they are counted is stated in docs/worktime.md.
Every function takes aware datetimes, returns UTC, and raises ValueError for a naive time or an amount below 1 and
`OutsideCalendar` when a day lies outside 1992–2099.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby

from directory.worktime.calendar import Calendar
from directory.worktime.schedule import Schedule
from directory.worktime.times import (
    DAY,
    SHANGHAI,
    day_end,
    day_text,
    due_text,
    last_day,
    local,
    midnight,
    moment_text,
)

_LISTED_WEEKENDS = 3  # a longer span names how many weekend days it skipped instead of each weekend


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due time in UTC. `provisional` when it rests on days that were not published yet; `calendar_version` is empty
    when no calendar took part (wall-clock limits)."""

    due_at: datetime
    provisional: bool
    explanation: tuple[str, ...]
    calendar_version: str


def working_days(start: datetime, n: int, calendar: Calendar) -> Deadline:
    """N working days: the day after the start is day 1, due at 24:00 local of day N."""
    _positive(n, "working days")
    begun = local(start)
    due_at, provisional, lines = _working_days(begun.date(), n, calendar)
    return Deadline(due_at, provisional, (_begin(begun), *lines), calendar.version)


@lru_cache(maxsize=8192)
def _working_days(first: date, n: int, calendar: Calendar) -> tuple[datetime, bool, tuple[str, ...]]:
    """All of a working-day limit but the start's time of day, shared by every ticket of that day."""
    day = calendar.nth(first, n)
    lines = (
        f"时限：{n}个工作日，次日为第1日，第{n}日24时到期",
        *day_lines(calendar, first + DAY, day),
        f"到期：{day_text(day)}24:00",
    )
    provisional = calendar.is_provisional(first + DAY, day)
    return day_end(day), provisional, _with_warning(lines, provisional, calendar)


def wall_hours(start: datetime, hours: int) -> Deadline:
    """Hours on the wall clock, day and night, working day or not."""
    _positive(hours, "hours")
    return _wall(start, timedelta(hours=hours), f"{hours}小时")


def wall_minutes(start: datetime, minutes: int) -> Deadline:
    """Minutes on the wall clock."""
    _positive(minutes, "minutes")
    return _wall(start, timedelta(minutes=minutes), f"{minutes}分钟")


def _wall(start: datetime, amount: timedelta, words: str) -> Deadline:
    begun = local(start)
    due_at = (begun + amount).astimezone(UTC)
    lines = (_begin(begun), f"时限：{words}，按自然时间连续计算", f"到期：{due_text(due_at)}")
    return Deadline(due_at, False, lines, "")


def sign_limit(start: datetime, hours: int, calendar: Calendar) -> Deadline:
    """签收, 非工作日顺延: start + hours, put off to the same time of the next working day when that lands on a day off.

    A limit started on a day off runs from 00:00 of the next working day. Both follow from one reading, which also
    orders limits above 24 h: the clock runs round the clock on working days and stands still on others. 00:00 belongs
    to the day it begins, so a limit that ends at the first moment of a day off moves to 00:00 of the next working day.
    """
    _positive(hours, "hours")
    begun = local(start)
    due_at = workday_advance(start, timedelta(hours=hours), calendar)
    end = local(due_at).date()
    provisional = calendar.is_provisional(begun.date(), end)
    lines = [_begin(begun), f"时限：{hours}小时，非工作日顺延"]
    if not calendar.is_working(begun.date()):
        lines.append(f"起算日为非工作日，自{day_text(calendar.next_working(begun.date()))}00:00起计")
    lines += day_lines(calendar, begun.date(), end)
    lines.append(f"到期：{moment_text(due_at)}")
    return Deadline(due_at, provisional, _with_warning(tuple(lines), provisional, calendar), calendar.version)


def office_hours(start: datetime, hours: int, calendar: Calendar, schedule: Schedule) -> Deadline:
    """Hours counted only while the office is open on working days; ends at a closing time, not at the next opening."""
    _positive(hours, "hours")
    begun = local(start)
    due_at = schedule.advance(start, timedelta(hours=hours), calendar)
    end = local(due_at).date()
    provisional = calendar.is_provisional(begun.date(), end)
    lines = (
        _begin(begun),
        f"时限：{hours}小时，只计工作日办公时间",
        *day_lines(calendar, begun.date(), end),
        f"到期：{moment_text(due_at)}",
    )
    return Deadline(due_at, provisional, _with_warning(lines, provisional, calendar), calendar.version)


def extended(old_due: datetime, n_days: int, calendar: Calendar) -> Deadline:
    """N more working days, counted from the old due time whenever the extension was decided.

    The time of day stays: an old 24:00 becomes 24:00 of the n-th working day after, an old 10:30 becomes 10:30.
    """
    _positive(n_days, "working days")
    old_day = last_day(old_due)
    day = calendar.nth(old_day, n_days)
    due_at = (old_due + (day - old_day)).astimezone(UTC)
    provisional = calendar.is_provisional(old_day, day)
    lines = (
        f"延期：自原期限{due_text(old_due)}起延长{n_days}个工作日",
        *day_lines(calendar, old_day + DAY, day),
        f"到期：{due_text(due_at)}",
    )
    return Deadline(due_at, provisional, _with_warning(lines, provisional, calendar), calendar.version)


def working_days_between(since: datetime, until: datetime, calendar: Calendar) -> int:
    """Working days in (date of `since`, date of `until`], local dates; 0 when `until` is not on a later date."""
    return calendar.count(local(since).date(), local(until).date())


def answered_within(start: datetime, answered_at: datetime, n: int, calendar: Calendar) -> bool:
    """Whether the answer came at or before the due time of N working days.

    Not the same as counting: on a weekend after day N no further working day has passed, but 24:00 of day N has.
    """
    return answered_at <= working_days(start, n, calendar).due_at


def warn_at(due_at: datetime, calendar: Calendar, days: int = 1, *, start: datetime | None = None) -> datetime:
    """黄牌: 00:00 local of the working day on which `days` working days are left, the due day being the last.

    Never before `start` when it is given, so that a limit shorter than the warning warns at once.
    """
    _positive(days, "working days")
    warning = midnight(calendar.last_working(last_day(due_at), days - 1))
    return warning if start is None else max(warning, start)


def warn_fraction(start: datetime, due_at: datetime, fraction: float) -> datetime:
    """The moment at which that part (0 < fraction < 1) of the time from start to due has passed on the wall clock."""
    if not 0 < fraction < 1:
        raise ValueError(f"warning fraction {fraction}: accepted is more than 0 and less than 1")
    return start + (due_at - start) * fraction


def workday_advance(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """The moment at which a clock that stands still on days off has run for `amount`."""
    index, rest = divmod(_workday_position(start, calendar) + amount, DAY)
    day = calendar.workday(index)
    return (datetime.combine(day, time.min, SHANGHAI) + rest).astimezone(UTC)


def workday_elapsed(since: datetime, until: datetime, calendar: Calendar) -> timedelta:
    """How far a clock that stands still on days off runs between two moments."""
    return max(timedelta(), _workday_position(until, calendar) - _workday_position(since, calendar))


def _workday_position(moment: datetime, calendar: Calendar) -> timedelta:
    here = local(moment)
    day = here.date()
    position = DAY * calendar.index(day)
    if calendar.is_working(day):
        position += here - datetime.combine(day, time.min, SHANGHAI)
    return position


@lru_cache(maxsize=8192)
def day_lines(calendar: Calendar, first: date, last: date) -> tuple[str, ...]:
    """The days of first..last that were skipped or that a reader would not expect, one line for each run of days."""
    days = [first + DAY * step for step in range((last - first).days + 1)]
    off = [day for day in days if not calendar.is_working(day)]
    lines = [(day, f"计入：{calendar.explain(day)}") for day in days if calendar.is_working(day) and day.weekday() > 4]
    weekends: list[tuple[date, str]] = []
    for name, run in _runs(off, calendar):
        (lines if name else weekends).append((run[0], f"不计：{_span(run)} {name or '周末'} 休"))
    if len(weekends) <= _LISTED_WEEKENDS:
        return tuple(line for _, line in sorted(lines + weekends))
    plain = sum(not calendar.occasion(day) for day in off)
    return (*(line for _, line in sorted(lines)), f"不计：其间周末共{plain}天")


def _runs(days: list[date], calendar: Calendar) -> Iterator[tuple[str, list[date]]]:
    """Unbroken runs of days off with the same occasion (empty: a weekend)."""
    numbered = enumerate(days)
    for (_, name), run in groupby(numbered, lambda item: (item[1] - DAY * item[0], calendar.occasion(item[1]))):
        yield name, [day for _, day in run]


def _span(days: list[date]) -> str:
    return f"{days[0]}" if len(days) == 1 else f"{days[0]}至{days[-1]}"


def _begin(begun: datetime) -> str:
    return f"起算：{moment_text(begun)}"


def _with_warning(lines: tuple[str, ...], provisional: bool, calendar: Calendar) -> tuple[str, ...]:
    return (*lines, provisional_line(calendar)) if provisional else lines


def provisional_line(calendar: Calendar) -> str:
    return f"暂定：{calendar.known_through}以后的放假安排未公布，暂按周一至周五上班推算，公布后重算"


def _positive(amount: int, unit: str) -> None:
    if amount < 1:
        raise ValueError(f"a limit of {amount} {unit}: accepted is 1 or more")
