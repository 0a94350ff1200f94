"""The calls of an alarm as a phone network sees them: what waits, taking one, and saying what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.utils import timezone

from ticketing.errors import TicketError
from ticketing.journal import ledger
from ticketing.lifecycle.actors import SYSTEM
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command, act
from ticketing.lifecycle.table import Action
from ticketing.models import Alarm, AlarmCall
from ticketing.models.alarms import AlarmState, CallState
from ticketing.privacy.crypto import open_box
from ticketing.writing import writing

#: somebody confirmed; if the share is still unsigned then, the roster is rung again
GRACE = timedelta(minutes=30)
OPEN = (CallState.WAITING, CallState.RINGING)


@dataclass(frozen=True, kw_only=True)
class NoteAlarm(Command):
    """电话催签: the journal's line on one call of an alarm. Names the person on duty, never the number."""

    action: ClassVar[Action] = Action.ALARM
    assignment: int
    result: str
    on_duty: int | None = None
    round: int = 1
    call: AlarmCall | None = None

    def decide(self, case: Case) -> None:
        share = next((share for share in case.assignments if share.pk == self.assignment), None)
        case.begin(Action.ALARM)
        case.event.assignment = share
        case.event.department_id = share.department_id if share else None
        case.fact(alarm=self.result, on_duty=self.on_duty, round=self.round)
        if self.call is not None:
            case.written(self.call)


def waiting(limit: int = 20) -> list[AlarmCall]:
    """Calls that no phone network has taken yet, oldest first."""
    return list(AlarmCall.objects.filter(state=CallState.WAITING).order_by("created_at", "pk")[:limit])


def take(call: AlarmCall) -> str | None:
    """The number to ring, for the one network that gets the call; None for any other. A call is never placed twice."""
    taken = AlarmCall.objects.filter(pk=call.pk, state=CallState.WAITING).update(state=CallState.RINGING)
    return open_box(call.number_box) if taken else None


def report(call_id: int, state: CallState, *, error: str = "", now: datetime | None = None) -> bool:
    """What came of a call, once: confirmed stops the ringing for `GRACE`, anything else rings the next person at once.

    False when the call had ended before (reported twice, or overtaken by the clock).
    """
    moment = now or timezone.now()
    with writing():
        ended = AlarmCall.objects.filter(pk=call_id, state__in=OPEN)
        if not ended.update(state=state, error=error[:40], settled_at=moment):
            return False
        call = AlarmCall.objects.select_related("alarm").get(pk=call_id)
        alarm = Alarm.objects.filter(pk=call.alarm_id, ended_at__isnull=True)
        if state == CallState.CONFIRMED:
            alarm.update(state=AlarmState.CONFIRMED, confirmed_at=moment, next_at=moment + GRACE)
        else:
            alarm.filter(state=AlarmState.RINGING).update(next_at=moment)
        _journal(call, state, moment)
        ledger.note(call)
    return True


def _journal(call: AlarmCall, state: CallState, moment: datetime) -> None:
    command = NoteAlarm(
        assignment=call.alarm.assignment_id, result=str(state), on_duty=call.staff_id, round=call.round, call=call
    )
    try:
        act(call.alarm.ticket_id, command, actor=SYSTEM, now=moment)
    except TicketError:
        return  # the ticket ended while the phone rang: there is nothing to note on
