"""From a policy's copy and what happened to a clock to its due time, its warning and its explanation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.worktime.clock import Extension, Limit, Pause, Paused, Unit, run
from directory.worktime.limits import warn_at
from directory.worktime.schedule import DEFAULT_SCHEDULE
from directory.worktime.source import calendar_for, office_hours_for
from ticketing.terms import LimitUnit

#: a limit on the wall clock warns when this part of it is left
WALL_WARNING_PART = 4


@dataclass(frozen=True)
class Due:
    """`due_at` and `warn_at` in UTC, None while paused; the explanation line by line."""

    due_at: datetime | None
    warn_at: datetime | None
    provisional: bool
    calendar_version: str
    explanation: tuple[str, ...]


def due(
    policy: Mapping[str, object],
    started_at: datetime,
    *,
    region: str | None,
    pauses: Iterable[tuple[datetime, datetime | None, str]] = (),
    extensions: Iterable[tuple[datetime, int]] = (),
) -> Due:
    """A pure function of the policy's copy, the events of the clock and the region's calendar.

    `pauses`: (from, to or None while open, reason); `extensions`: (asked at, working days granted).
    """
    unit = str(policy["unit"])
    limit = Limit(int(str(policy["limit"])), Unit(unit))
    calendar = calendar_for(region)
    schedule = office_hours_for(region) if unit == LimitUnit.OFFICE_HOURS else DEFAULT_SCHEDULE
    result = run(
        started_at,
        limit,
        calendar,
        pauses=[Pause(*pause) for pause in pauses],
        extensions=[Extension(*extension) for extension in extensions],
        schedule=schedule,
    )
    basis = str(policy.get("basis") or "")
    lines = (*result.explanation, f"依据：{basis}") if basis else tuple(result.explanation)
    if isinstance(result, Paused):
        return Due(None, None, False, result.calendar_version, lines)
    if unit == LimitUnit.WORKING_DAYS and policy.get("warn_before_minutes") is None:
        warning = warn_at(result.due_at, calendar, start=started_at)
    else:
        before = policy.get("warn_before_minutes")
        length = result.due_at - started_at
        warning = result.due_at - (timedelta(minutes=int(str(before))) if before else length / WALL_WARNING_PART)
    return Due(result.due_at, max(warning, started_at), result.provisional, result.calendar_version, lines)
