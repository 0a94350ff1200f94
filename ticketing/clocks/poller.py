"""Warnings and breaches: due clocks are claimed in batches and fired exactly once, however late the machine woke up.

A firing sets `warned_at`/`breached_at` in the transaction that writes the journal and the outbox; the rows are chosen
again under the ticket's lock, so two pollers, or a poller and an extension, cannot both act on an old view.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import Q
from django.utils import timezone

from ticketing.alarms.raising import raise_alarm
from ticketing.ladder import climb
from ticketing.lifecycle import people
from ticketing.lifecycle.actions.dispatching import due_words
from ticketing.lifecycle.actors import SYSTEM
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command, act_many
from ticketing.lifecycle.table import Action
from ticketing.models import Clock
from ticketing.terms import ClockName, ClockState, LadderStep

BATCH = 200
#: clocks that a unit answers for; the others are the hotline's own
UNIT_CLOCKS = frozenset({ClockName.SIGN, ClockName.FEEDBACK, ClockName.HANDLE, ClockName.REDO})


@dataclass(frozen=True, kw_only=True)
class Warn(Command):
    """预警: fires every clock of the ticket whose warning time has come."""

    action: ClassVar[Action] = Action.WARN

    def decide(self, case: Case) -> None:
        due = [
            clock
            for clock in case.clocks
            if _runs(clock)
            and clock.warned_at is None
            and clock.breached_at is None
            and clock.warn_at is not None
            and clock.warn_at <= case.now
        ]
        for clock in due:
            _fire(case, Action.WARN, clock)
            case.change(clock, warned_at=case.now)
            if clock.due_at is not None and clock.due_at > case.now:
                _tell(case, clock, "unit_warned")
                if clock.name in (ClockName.HANDLE, ClockName.REDO):
                    climb(case, LadderStep.YELLOW, clock)


@dataclass(frozen=True, kw_only=True)
class Breach(Command):
    """超期: fires every clock whose due time has passed; an unsigned ticket breaches, it does not wait."""

    action: ClassVar[Action] = Action.BREACH

    def decide(self, case: Case) -> None:
        late = [
            clock
            for clock in case.clocks
            if _runs(clock) and clock.breached_at is None and clock.due_at is not None and clock.due_at < case.now
        ]
        for clock in late:
            _fire(case, Action.BREACH, clock)
            case.change(clock, breached_at=case.now)
            _tell(case, clock, "unit_late")
            if clock.name in UNIT_CLOCKS:
                climb(case, LadderStep.RED, clock)
            if clock.name == ClockName.SIGN:
                raise_alarm(case, clock)


def _runs(clock: Clock) -> bool:
    return clock.state == ClockState.RUNNING


def _fire(case: Case, action: Action, clock: Clock) -> None:
    case.begin(action)
    case.event.assignment = clock.assignment
    case.fact(clock=str(clock.name), due_at=clock.due_at)


def _tell(case: Case, clock: Clock, template: str) -> None:
    if clock.assignment is not None:
        label = ClockName(clock.name).label
        people.to_unit(case, clock.assignment.department_id, template, clock=label, due=due_words(clock.due_at))


def due_for_breach(now: datetime) -> list[int]:
    rows = Clock.objects.filter(state=ClockState.RUNNING, breached_at__isnull=True, due_at__lt=now)
    return list(rows.order_by("due_at", "pk").values_list("ticket_id", flat=True)[:BATCH])


def due_for_warning(now: datetime) -> list[int]:
    rows = Clock.objects.filter(
        Q(due_at__gte=now) | Q(due_at__isnull=True),
        state=ClockState.RUNNING,
        warned_at__isnull=True,
        breached_at__isnull=True,
        warn_at__lte=now,
    )
    return list(rows.order_by("warn_at", "pk").values_list("ticket_id", flat=True)[:BATCH])


def fire(now: datetime | None = None) -> int:
    """One pass: at most one batch of breaches and one of warnings; returns how many tickets were acted on."""
    moment = now or timezone.now()
    acted = 0
    for command, ids in ((Breach(), due_for_breach(moment)), (Warn(), due_for_warning(moment))):
        if ids:
            acted += len(act_many(ids, command, actor=SYSTEM, now=moment, skip_locked=True))
    return acted


def fire_all(now: datetime | None = None) -> int:
    """Everything that is due at `now`, batch by batch."""
    total = 0
    while count := fire(now):
        total += count
    return total
