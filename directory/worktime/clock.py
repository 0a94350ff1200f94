"""A legal clock with its whole history: a limit, the pauses it was granted and the extensions it was given.

`run` is a pure function of these events and the calendar, so a stored due time can be recomputed and compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from directory.worktime.calendar import Calendar
from directory.worktime.limits import (
    Deadline,
    day_lines,
    extended,
    office_hours,
    provisional_line,
    sign_limit,
    wall_hours,
    wall_minutes,
    workday_advance,
    workday_elapsed,
    working_days,
    working_days_between,
)
from directory.worktime.schedule import DEFAULT_SCHEDULE, Schedule
from directory.worktime.times import DAY, due_text, last_day, local, moment_text

_RESULT_LINES = ("不计：", "计入：", "到期：", "暂定：")  # lines of an explanation that a later due time replaces


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAYS = "working_days"
    SIGN_HOURS = "sign_hours"  # 24 h a day, 非工作日顺延
    WALL_HOURS = "wall_hours"
    WALL_MINUTES = "wall_minutes"
    OFFICE_HOURS = "office_hours"


@dataclass(frozen=True, slots=True)
class Limit:
    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Pause:
    """A granted pause; open while `until` is None. `reason` is a label for the explanation, without personal data."""

    since: datetime
    until: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"a pause from {self.since.isoformat()} cannot end at {self.until.isoformat()}")


@dataclass(frozen=True, slots=True)
class Extension:
    """A granted extension, asked for at `at`; it counts from the old due time however late it was decided."""

    at: datetime
    working_days: int


@dataclass(frozen=True, slots=True)
class Paused:
    """A clock that stands still: no due time until it is resumed."""

    since: datetime
    explanation: tuple[str, ...]
    calendar_version: str
    due_at: None = None
    provisional: bool = False


def run(
    start: datetime,
    limit: Limit,
    calendar: Calendar,
    *,
    pauses: Iterable[Pause] = (),
    extensions: Iterable[Extension] = (),
    schedule: Schedule = DEFAULT_SCHEDULE,
) -> Deadline | Paused:
    """The due time after all that happened to a clock.

    Pauses are credited in the limit's own unit: working days of the same count (date after the pause began up to the
    date it ended), or the exact time the clock would have run. Overlapping pauses count once, the part before the start
    not at all, and a pause begun at or after the due time not at all. An extension moves the due time it finds.
    """
    clock = _Clock(start, limit, calendar, schedule)
    for event in _in_order(start, pauses, extensions):
        if isinstance(event, Extension):
            clock.extend(event)
        elif event.since >= clock.deadline.due_at:
            clock.ignore(event)
        elif event.until is None:
            return clock.paused(event)
        else:
            clock.credit(event, event.until)
    return clock.deadline


def _in_order(start: datetime, pauses: Iterable[Pause], extensions: Iterable[Extension]) -> list[Pause | Extension]:
    events: list[tuple[datetime, Pause | Extension]] = [(pause.since, pause) for pause in _merged(start, pauses)]
    events += [(extension.at, extension) for extension in extensions]
    return [event for _, event in sorted(events, key=lambda item: item[0])]


def _merged(start: datetime, pauses: Iterable[Pause]) -> list[Pause]:
    """The pauses as disjoint stretches after the start."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda item: item.since):
        if pause.until is not None and pause.until <= start:
            continue
        pause = replace(pause, since=max(pause.since, start))
        if merged and (merged[-1].until is None or pause.since <= merged[-1].until):
            merged[-1] = _union(merged[-1], pause)
        else:
            merged.append(pause)
    return merged


def _union(one: Pause, other: Pause) -> Pause:
    until = None if one.until is None or other.until is None else max(one.until, other.until)
    reasons = dict.fromkeys(reason for reason in (one.reason, other.reason) if reason)
    return Pause(one.since, until, "、".join(reasons))


class _Clock:
    """The running state of `run`: what was credited and granted so far, and the due time that follows from it."""

    def __init__(self, start: datetime, limit: Limit, calendar: Calendar, schedule: Schedule) -> None:
        self._start, self._limit, self._calendar, self._schedule = start, limit, calendar, schedule
        self._credit_days, self._credit_time, self._extension_days = 0, timedelta(), 0
        self._base = self.deadline = _plain(start, limit, calendar, schedule)
        self._lines = [line for line in self._base.explanation if not line.startswith(_RESULT_LINES)]

    def ignore(self, pause: Pause) -> None:
        self._lines.append(f"暂停：{moment_text(pause.since)}时已到期，不计")
        self._move(self.deadline.due_at)

    def extend(self, extension: Extension) -> None:
        old_due, days = self.deadline.due_at, extension.working_days
        longer = extended(old_due, days, self._calendar)
        self._extension_days += days
        self._lines.append(f"延期：自原期限{due_text(old_due)}起延长{days}个工作日")
        self._move(longer.due_at)

    def credit(self, pause: Pause, until: datetime) -> None:
        words = self._add(pause.since, until)
        stretch = f"{moment_text(pause.since)}至{moment_text(until)}"
        self._lines.append(f"暂停：{stretch}{_because(pause)}，补回{words}")
        self._move(self._due())

    def paused(self, pause: Pause) -> Paused:
        line = f"暂停：自{moment_text(pause.since)}起停止计时{_because(pause)}，恢复后重新计算到期时间"
        return Paused(pause.since, (*self._lines, line), self.deadline.calendar_version)

    def _add(self, since: datetime, until: datetime) -> str:
        if self._limit.unit is Unit.WORKING_DAYS:
            days = working_days_between(since, until, self._calendar)
            self._credit_days += days
            return f"{days}个工作日"
        time = self._elapsed(since, until)
        self._credit_time += time
        return duration_text(time)

    def _elapsed(self, since: datetime, until: datetime) -> timedelta:
        if self._limit.unit is Unit.SIGN_HOURS:
            return workday_elapsed(since, until, self._calendar)
        if self._limit.unit is Unit.OFFICE_HOURS:
            return self._schedule.elapsed(since, until, self._calendar)
        return until - since

    def _due(self) -> datetime:
        due_at = self._credited()
        return extended(due_at, self._extension_days, self._calendar).due_at if self._extension_days else due_at

    def _credited(self) -> datetime:
        unit, amount = self._limit.unit, self._limit.amount
        if unit is Unit.WORKING_DAYS:
            return working_days(self._start, amount + self._credit_days, self._calendar).due_at
        if unit is Unit.SIGN_HOURS:
            return workday_advance(self._start, timedelta(hours=amount) + self._credit_time, self._calendar)
        if unit is Unit.OFFICE_HOURS:
            time = timedelta(hours=amount) + self._credit_time
            return self._schedule.advance(self._start, time, self._calendar)
        return self._base.due_at + self._credit_time

    def _move(self, due_at: datetime) -> None:
        """Take the due time, with every day up to it explained anew."""
        calendar, last = self._calendar, last_day(due_at)
        lines = [*self._lines]
        uses_calendar = bool(self._base.calendar_version or self._extension_days)
        provisional = uses_calendar and calendar.is_provisional(min(self._first, last), last)
        if uses_calendar:
            lines += day_lines(calendar, self._first, last)
        lines.append(f"到期：{due_text(due_at)}")
        if provisional:
            lines.append(provisional_line(calendar))
        self.deadline = Deadline(due_at, provisional, tuple(lines), calendar.version if uses_calendar else "")

    @property
    def _first(self) -> date:
        """The first day whose being worked or not plays a part: day 1 of a working-day limit, else the start."""
        day = local(self._start).date()
        return day + DAY if self._limit.unit is Unit.WORKING_DAYS else day


def _because(pause: Pause) -> str:
    return f"（{pause.reason}）" if pause.reason else ""


def _plain(start: datetime, limit: Limit, calendar: Calendar, schedule: Schedule) -> Deadline:
    match limit.unit:
        case Unit.WORKING_DAYS:
            return working_days(start, limit.amount, calendar)
        case Unit.SIGN_HOURS:
            return sign_limit(start, limit.amount, calendar)
        case Unit.OFFICE_HOURS:
            return office_hours(start, limit.amount, calendar, schedule)
        case Unit.WALL_HOURS:
            return wall_hours(start, limit.amount)
        case Unit.WALL_MINUTES:
            return wall_minutes(start, limit.amount)


def duration_text(amount: timedelta) -> str:
    """`1天2小时5分钟`; seconds are dropped except below one minute."""
    minutes, seconds = divmod(int(amount.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{number}{unit}" for number, unit in ((days, "天"), (hours, "小时"), (minutes, "分钟")) if number]
    return "".join(parts) or f"{seconds}秒"
