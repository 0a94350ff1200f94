"""电话催签: an urgent ticket that nobody signs is phoned through the duty roster until somebody confirms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from directory.models import Deputy, DutyShift
from directory.roster import on_duty
from tests.city import City
from ticketing.alarms import calls
from ticketing.alarms.calls import GRACE
from ticketing.alarms.running import PATIENCE, PAUSE, ROUNDS, run
from ticketing.clocks.poller import fire_all
from ticketing.journal.verify import faults
from ticketing.lifecycle.actions.handling import Sign
from ticketing.lifecycle.engine import act
from ticketing.models import Alarm, AlarmCall, Notice, Ticket, TicketEvent
from ticketing.models.alarms import AlarmState, CallState
from ticketing.outbox.reading import drain
from ticketing.privacy.crypto import open_box, seal

pytestmark = pytest.mark.django_db
FIRST, SECOND, ROOM, ABOVE = "13900000001", "13900000002", "0371-60000001", "13900000003"


def shift(city: City, unit: str, person: str, phone: str, *, hours: int = 12) -> DutyShift:
    now = timezone.now()
    return DutyShift.objects.create(
        department=city.unit[unit],
        staff=city.staff[person],
        starts_at=now - timedelta(hours=hours),
        ends_at=now + timedelta(hours=24),
        phone=phone,
    )


@pytest.fixture
def roster(city: City) -> City:
    return roster_of(city)


def roster_of(city: City) -> City:
    """The unit's two people and its duty room, then the bureau above it."""
    shift(city, "lights", "handler", FIRST, hours=13)
    shift(city, "lights", "colleague", SECOND, hours=12)
    shift(city, "urban", "head", ABOVE)
    lights = city.unit["lights"]
    lights.phone = ROOM
    lights.save(update_fields=["phone"])
    return city


def unsigned(city: City, **changes: object) -> tuple[Ticket, datetime]:
    """An urgent ticket whose 30 minutes have passed, and the moment after."""
    ticket = city.dispatched(**({"urgency": "urgent"} | changes))
    late = timezone.now() + timedelta(minutes=31)
    fire_all(late)
    return ticket, late


def ringing() -> list[str]:
    return [open_box(call.number_box) for call in AlarmCall.objects.filter(state=CallState.WAITING).order_by("pk")]


def answer(state: CallState, now: datetime) -> None:
    [call] = calls.waiting()
    assert calls.take(call) is not None
    assert calls.report(call.pk, state, now=now)


def test_the_roster_is_rung_in_order_until_somebody_confirms(roster: City) -> None:
    ticket, now = unsigned(roster)
    assert run(now) == 1 and ringing() == [FIRST]
    assert run(now) == 0, "the first is still ringing"
    answer(CallState.UNANSWERED, now)
    assert run(now) == 1 and ringing() == [SECOND]
    answer(CallState.CONFIRMED, now)
    assert run(now + PATIENCE) == 0
    assert Alarm.objects.get(ticket=ticket).state == AlarmState.CONFIRMED
    noted = TicketEvent.objects.filter(ticket=ticket, action="alarm").order_by("seq")
    assert [(event.data["alarm"], event.data["on_duty"]) for event in noted] == [
        ("unanswered", roster.staff["handler"].pk),
        ("confirmed", roster.staff["colleague"].pk),
    ]
    act(ticket.pk, Sign(), actor=roster.actor("colleague"))
    assert run(now + GRACE) == 1
    alarm = Alarm.objects.get(ticket=ticket)
    assert (alarm.state, alarm.ended_at) == (AlarmState.SETTLED, now + GRACE)
    assert list(faults()) == []


def test_each_is_told_by_sms_besides(roster: City) -> None:
    ticket, now = unsigned(roster)
    for _ in range(3):
        run(now)
        answer(CallState.UNANSWERED, now)
    told = Notice.objects.filter(ticket=ticket, template="duty_alarm").order_by("pk")
    assert [open_box(notice.address_box) for notice in told] == [FIRST, SECOND, ""], "no SMS to a fixed line"
    assert all(ticket.number in notice.text and FIRST not in notice.text for notice in told)


@pytest.mark.parametrize(
    "attack",
    [
        lambda calls: calls.update(number_box=seal("13900000077")),
        lambda calls: calls.update(state=CallState.CONFIRMED, settled_at=timezone.now()),
        lambda calls: calls._raw_delete("default"),
        lambda calls: AlarmCall(
            **(calls.values("alarm_id", "department_id", "number_box", "created_at")[0] | {"round": 3, "place": 9})
        ).save(),
    ],
)
def test_a_call_altered_while_it_rings_is_found(real_city: City, attack: Callable[[object], object]) -> None:
    _, now = unsigned(roster_of(real_city))
    assert run(now) == 1
    drain()
    assert list(faults()) == []
    attack(AlarmCall.objects.all())
    assert [fault.what.partition("/")[0] for fault in faults()] == ["alarmcall"]


def test_silence_and_the_end_of_the_roster(roster: City) -> None:
    """Without any phone network nothing hangs: each waits its time, three rounds, and the hotline is told once."""
    ticket, now = unsigned(roster)
    for turn in range(ROUNDS):
        for number in (FIRST, SECOND, ROOM, ABOVE):
            assert run(now) == 1 and ringing() == [number]
            now += PATIENCE
            assert run(now) == 1, "gives up on the silent one"
        assert run(now) == 1 and run(now) == 0
        told = Notice.objects.filter(template="hotline_alarm")
        assert [notice.department for notice in told] == [roster.unit["hotline"]], turn
        now += PAUSE
    alarm = Alarm.objects.get(ticket=ticket)
    assert alarm.state == AlarmState.UNREACHED and alarm.ended_at is not None
    assert set(AlarmCall.objects.values_list("state", "error")) == {("failed", "no_phone")}
    assert run(now + timedelta(days=1)) == 0


def test_confirmed_but_never_signed_is_rung_again(roster: City) -> None:
    _, now = unsigned(roster)
    run(now)
    answer(CallState.CONFIRMED, now)
    assert run(now + GRACE) == 1 and ringing() == [FIRST]


def test_nobody_is_rung_for_what_is_signed_or_not_urgent(roster: City) -> None:
    unsigned(roster, urgency="normal")
    assert not Alarm.objects.exists()
    ticket, now = unsigned(roster)
    act(ticket.pk, Sign(), actor=roster.actor("handler"))
    assert run(now) == 1
    assert not AlarmCall.objects.exists() and Alarm.objects.get().state == AlarmState.SETTLED


def test_once_however_often_it_is_reported(roster: City) -> None:
    ticket, now = unsigned(roster)
    fire_all(now + timedelta(minutes=5))
    assert Alarm.objects.count() == 1
    run(now)
    [call] = calls.waiting()
    assert calls.take(call) and calls.take(call) is None, "two networks, one call"
    assert [calls.report(call.pk, CallState.CONFIRMED, now=now) for _ in range(2)] == [True, False]
    assert TicketEvent.objects.filter(ticket=ticket, action="alarm").count() == 1


def test_a_deputy_is_rung_for_somebody_absent(roster: City) -> None:
    now = timezone.now()
    Deputy.objects.create(
        absent=roster.staff["handler"],
        deputy=roster.staff["crew"],
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        phone="13900000009",
    )
    first, *rest = on_duty(roster.unit["lights"], now)
    assert (first.phone, first.staff_id, first.for_staff_id) == (
        "13900000009",
        roster.staff["crew"].pk,
        roster.staff["handler"].pk,
    )
    assert [person.phone for person in rest] == [SECOND, ROOM, ABOVE]
    assert on_duty(roster.unit["lights"], now + timedelta(days=30))[0].phone == ROOM, "no shift then"
