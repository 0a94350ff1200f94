"""When a year of the calendar is loaded, provisional due dates are computed anew, each with a trace in its journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ticketing.lifecycle.actors import SYSTEM
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command, act_many
from ticketing.lifecycle.table import Action
from ticketing.models import Clock
from ticketing.terms import CLOCK_OPEN

from . import running

BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Recalendar(Command):
    """日历重算: provisional clocks of the ticket follow the calendar that is known now."""

    action: ClassVar[Action] = Action.RECALENDAR

    def decide(self, case: Case) -> None:
        provisional = [clock for clock in case.clocks if clock.provisional]
        if not provisional:
            return
        case.begin(Action.RECALENDAR)
        moved = [running.recalculate(case, clock) for clock in provisional]
        case.fact(moved=sum(moved))


def recalculate_provisional() -> int:
    """Recomputes all open provisional clocks in batches; returns how many tickets were touched."""
    ids = (
        Clock.objects.filter(provisional=True, state__in=list(CLOCK_OPEN))
        .order_by("ticket_id")
        .values_list("ticket_id", flat=True)
        .distinct()
    )
    wanted = list(ids)
    done = 0
    for start in range(0, len(wanted), BATCH):
        outcomes = act_many(wanted[start : start + BATCH], Recalendar(), actor=SYSTEM)
        done += sum(outcome.error is None for outcome in outcomes)
    return done
