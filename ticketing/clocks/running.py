"""Clocks on a case: start, stop, pause, resume, extend. Each change is named in the action's journal row."""

from __future__ import annotations

from datetime import datetime

from ticketing.journal.chain import stamp
from ticketing.lifecycle.case import Case
from ticketing.models import Assignment, Clock, Pause
from ticketing.terms import ClockName, ClockState

from . import policies
from .deadlines import due


def start(
    case: Case, name: ClockName, assignment: Assignment | None = None, *, at: datetime | None = None
) -> Clock | None:
    """Starts the clock by the rule in force; None when no rule asks for one. An open one of that name goes on."""
    running = case.clock(name, assignment)
    if running is not None:
        return running
    begin = at or case.now
    rule = policies.applicable(name, case.ticket, begin)
    if rule is None:
        return None
    clock = Clock(
        ticket=case.ticket,
        assignment=assignment,
        name=name,
        policy=policies.snapshot(rule),
        started_at=begin,
        state=ClockState.RUNNING,
    )
    _calculate(clock, case, [])
    case.clocks.append(clock)
    case.add(clock)
    case.note_clock("start", clock)
    return clock


def stop(case: Case, name: str, assignment: Assignment | None = None, *, state: ClockState | None = None) -> None:
    """Stops the open clock of that name: met or late by its due time, or `state` (cancelled, unknown) when given."""
    clock = case.clock(name, assignment)
    if clock is None:
        return
    if clock.state == ClockState.PAUSED:
        _calculate(clock, case, [*pauses_of(clock), *_end_pause(case, clock)])
    if state is None:
        late = clock.due_at is not None and case.now > clock.due_at
        state = ClockState.LATE if late else ClockState.MET
    case.change(clock, state=state, stopped_at=case.now)
    case.note_clock("stop", clock)


def stop_all(case: Case, names: tuple[str, ...], *, state: ClockState | None = None) -> None:
    """Stops every open clock of the ticket and its shares that bears one of `names`."""
    for clock in list(case.clocks):
        if clock.name in names and clock.state in (ClockState.RUNNING, ClockState.PAUSED):
            stop(case, clock.name, clock.assignment, state=state)


def stop_share(case: Case, assignment: Assignment, *, state: ClockState | None = None) -> None:
    """Stops every clock of one share."""
    for clock in list(case.clocks):
        if clock.assignment is assignment and clock.state in (ClockState.RUNNING, ClockState.PAUSED):
            stop(case, clock.name, assignment, state=state)


def pause(case: Case, clock: Clock, reason: str, *, asked_by: int | None = None) -> None:
    """Lets the clock stand still from now; it has no due time until it is resumed."""
    case.add(
        Pause(
            clock=clock,
            starts_at=case.now,
            reason=reason[:300],
            asked_by_id=asked_by or case.actor.staff_id,
            approved_by_id=case.actor.staff_id,
        )
    )
    case.change(clock, state=ClockState.PAUSED)
    _calculate(clock, case, [*pauses_of(clock), (case.now, None, reason)])
    case.note_clock("pause", clock)


def resume(case: Case, clock: Clock) -> None:
    """Ends the pause; the due time moves by what the pause credits."""
    pauses = [*pauses_of(clock), *_end_pause(case, clock)]
    case.change(clock, state=ClockState.RUNNING)
    _calculate(clock, case, pauses)
    case.note_clock("resume", clock)


def reopen(case: Case, clock: Clock, reason: str) -> None:
    """The old clock goes on after a reply was sent back; the time since it stopped is credited as a pause."""
    stopped = clock.stopped_at or case.now
    case.add(
        Pause(
            clock=clock,
            starts_at=stopped,
            ends_at=case.now,
            reason=reason[:300],
            approved_by_id=case.actor.staff_id,
        )
    )
    case.change(clock, state=ClockState.RUNNING, stopped_at=None)
    _calculate(clock, case, [*pauses_of(clock), (stopped, case.now, reason)])
    case.clocks.append(clock)
    case.note_clock("reopen", clock)


def extend(case: Case, clock: Clock, working_days: int, asked_at: datetime) -> None:
    """Adds working days to the limit: counted from the old due time, however late it was decided."""
    grants = [*clock.extensions, {"at": stamp(asked_at), "working_days": working_days}]
    case.change(clock, extensions=grants)
    _calculate(clock, case, [*pauses_of(clock), *_open_pause(clock)])
    if clock.due_at is not None and clock.due_at > case.now:
        # asked in time and granted late: the breach that was noted meanwhile no longer stands
        case.change(clock, breached_at=None, warned_at=None)
    case.note_clock("extend", clock)


def recalculate(case: Case, clock: Clock) -> bool:
    """Computes the due time anew (a calendar was loaded); says whether it moved."""
    before = clock.due_at, clock.provisional
    _calculate(clock, case, [*pauses_of(clock), *_open_pause(clock)])
    if before == (clock.due_at, clock.provisional):
        return False
    case.note_clock("recalendar", clock)
    return True


Stretch = tuple[datetime, datetime | None, str]


def pauses_of(clock: Clock) -> list[Stretch]:
    """The ended pauses of a stored clock, oldest first."""
    if clock.pk is None:
        return []
    rows = Pause.objects.filter(clock=clock, ends_at__isnull=False).order_by("starts_at")
    return [(row.starts_at, row.ends_at, row.reason) for row in rows]


def _open_pause(clock: Clock) -> list[Stretch]:
    rows = Pause.objects.filter(clock=clock, ends_at__isnull=True)
    return [(row.starts_at, None, row.reason) for row in rows]


def _end_pause(case: Case, clock: Clock) -> list[Stretch]:
    rows = list(Pause.objects.filter(clock=clock, ends_at__isnull=True))
    for row in rows:
        case.change(row, ends_at=case.now)
    return [(row.starts_at, case.now, row.reason) for row in rows]


def extensions_of(clock: Clock) -> list[tuple[datetime, int]]:
    """The granted extensions in the order they were asked for."""
    return [(datetime.fromisoformat(grant["at"]), int(grant["working_days"])) for grant in clock.extensions]


def _calculate(clock: Clock, case: Case, pauses: list[Stretch]) -> None:
    found = due(
        clock.policy,
        clock.started_at,
        region=case.ticket.city_id,
        pauses=pauses,
        extensions=extensions_of(clock),
    )
    case.change(
        clock,
        due_at=found.due_at,
        warn_at=found.warn_at,
        provisional=found.provisional,
        calendar_version=found.calendar_version,
        explanation=list(found.explanation),
    )
