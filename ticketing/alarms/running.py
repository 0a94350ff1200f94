"""The background job: each open alarm goes one number further down the roster, until signed, confirmed or used up."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.utils import timezone

from directory.models import Department, DepartmentKind
from directory.roster import OnDuty, on_duty
from ticketing.journal import ledger
from ticketing.lifecycle.people import TEMPLATES
from ticketing.models import Alarm, AlarmCall
from ticketing.models.alarms import AlarmState, CallState
from ticketing.notify.telling import tell
from ticketing.privacy.crypto import seal
from ticketing.terms import ENDED, AssignmentStatus
from ticketing.writing import writing

from . import calls

BATCH = 50
#: from the wish to ring until the next person is rung when nothing was heard: 45 s of ringing, the message, a key
PATIENCE = timedelta(seconds=90)
#: between two rounds through the roster
PAUSE = timedelta(minutes=10)
ROUNDS = 3
_MOBILE = re.compile(r"1[3-9]\d{9}")
_UNSIGNED = (AssignmentStatus.TO_SIGN, AssignmentStatus.RETURN_ASKED)


def run(now: datetime | None = None) -> int:
    """One step of every alarm that is due; returns how many went on."""
    moment = now or timezone.now()
    due = Alarm.objects.filter(ended_at__isnull=True, next_at__lte=moment).order_by("next_at", "pk")
    return sum(_step(alarm, moment) for alarm in due.select_related("ticket", "assignment", "department")[:BATCH])


def _step(alarm: Alarm, now: datetime) -> bool:
    """Compare-and-set on `next_at`: of two workers one goes on. A killed one leaves nothing half done."""
    silent = alarm.calls.filter(state__in=calls.OPEN).order_by("-pk").first()
    if silent is not None:  # nobody answered, or no phone network was there to ring
        heard = silent.state == CallState.RINGING
        state = CallState.UNANSWERED if heard else CallState.FAILED
        return calls.report(silent.pk, state, error="" if heard else "no_phone", now=now)
    with writing():
        mine = Alarm.objects.filter(pk=alarm.pk, next_at=alarm.next_at, ended_at__isnull=True)
        if not mine.update(next_at=now + PATIENCE):
            return False
        _go_on(alarm, now)
    return True


def _go_on(alarm: Alarm, now: datetime) -> None:
    if alarm.assignment.status not in _UNSIGNED or alarm.ticket.status in ENDED:
        _end(alarm, AlarmState.SETTLED, now)
        return
    people = on_duty(alarm.department, now)
    if alarm.state == AlarmState.CONFIRMED:  # they said yes and did not sign
        alarm.state, alarm.round, alarm.place = AlarmState.RINGING, alarm.round + 1, 0
    if alarm.place < len(people):
        _ring(alarm, people[alarm.place], now)
        _put(alarm, state=alarm.state, round=alarm.round, place=alarm.place + 1)
        return
    if alarm.round == 1:
        _tell_hotline(alarm, now)
    if alarm.round >= ROUNDS:
        _end(alarm, AlarmState.UNREACHED, now)
    else:
        _put(alarm, state=alarm.state, round=alarm.round + 1, place=0, next_at=now + PAUSE)


def _ring(alarm: Alarm, person: OnDuty, now: datetime) -> None:
    call = AlarmCall.objects.create(
        alarm=alarm,
        round=alarm.round,
        place=alarm.place,
        department_id=person.department_id,
        staff_id=person.staff_id,
        for_staff_id=person.for_staff_id,
        number_box=seal(person.phone),
        created_at=now,
    )
    ledger.note(call, new=True)
    if alarm.round == 1:
        digits = re.sub(r"[\s-]", "", person.phone)
        _notice(alarm, "duty_alarm", now, person, seal(digits) if _MOBILE.fullmatch(digits) else "")


def _tell_hotline(alarm: Alarm, now: datetime) -> None:
    """Nobody of the roster was reached: the hotline's own people ring by hand."""
    city = alarm.ticket.city_id
    hotline = Department.objects.filter(kind=DepartmentKind.HOTLINE, active=True).order_by("pk")
    centre = hotline.filter(region_id=city).first() or hotline.first()
    if centre is not None:
        _notice(alarm, "hotline_alarm", now, OnDuty(centre.pk, None, None, ""), "")


def _notice(alarm: Alarm, template: str, now: datetime, person: OnDuty, address_box: str) -> None:
    """By SMS where the number is a mobile's, else on the desk of the person or the unit."""
    tell(
        ticket=alarm.ticket,
        audience="staff" if person.staff_id else "unit",
        means="auto",
        template=template,
        text=TEMPLATES[template].format(number=alarm.ticket.number, unit=alarm.department),
        address_box=address_box,
        department_id=person.department_id,
        staff_id=person.staff_id,
        key=f"{alarm.ticket.number}:alarm{alarm.pk}:{template}:{alarm.place}",
        created_at=now,
        next_try_at=now,
    )


def _put(alarm: Alarm, **columns: object) -> None:
    Alarm.objects.filter(pk=alarm.pk).update(**columns)


def _end(alarm: Alarm, state: AlarmState, now: datetime) -> None:
    _put(alarm, state=state, ended_at=now)
