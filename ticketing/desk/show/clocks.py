"""Clocks in words: what is left, since when it stands still and why, and line by line how the due time came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ticketing.desk.show.rows import Due, moment_due
from ticketing.models import Clock
from ticketing.terms import CLOCK_OPEN, ClockName, ClockState

RULINGS = frozenset({ClockName.RULING, ClockName.EXTENSION})


@dataclass(frozen=True)
class Line:
    """One clock on the page."""

    clock: Clock
    name: str
    unit: str
    due: Due
    open: bool
    lines: tuple[str, ...]


def lines(clocks: Iterable[Clock], region: str | None, now: datetime) -> list[Line]:
    """Open clocks first, soonest due first; then what is over, newest first. Expects pauses to be prefetched."""
    made = [_line(clock, region, now) for clock in clocks]
    running = sorted((line for line in made if line.open), key=lambda line: (line.due.at is None, str(line.due.at)))
    over = sorted((line for line in made if not line.open), key=lambda line: line.clock.pk, reverse=True)
    return running + over


def _line(clock: Clock, region: str | None, now: datetime) -> Line:
    return Line(
        clock,
        clock.get_name_display(),
        _whose(clock),
        _due(clock, region, now),
        clock.state in CLOCK_OPEN,
        tuple(str(line) for line in clock.explanation),
    )


def _whose(clock: Clock) -> str:
    """Who must act: the unit of the share; rulings on its requests are the hotline's to make."""
    if clock.assignment is None:
        return "热线"
    return f"热线，{clock.assignment.department}的申请" if clock.name in RULINGS else str(clock.assignment.department)


def _due(clock: Clock, region: str | None, now: datetime) -> Due:
    if clock.state == ClockState.PAUSED:
        pause = next((p for p in clock.pauses.all() if p.ends_at is None), None)
        return Due(f"计时已暂停{'：' + pause.reason if pause else ''}", "paused")
    if clock.state == ClockState.RUNNING and clock.due_at is not None:
        return moment_due(clock.due_at, now, region, late=clock.breached_at is not None)
    tone = {ClockState.MET: "done", ClockState.LATE: "late"}.get(ClockState(clock.state), "")
    return Due(clock.get_state_display(), tone)
