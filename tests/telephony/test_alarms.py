"""Alarm calls at the bridge: placed once, heard, confirmed, refused, left unanswered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from telephony import alarms
from telephony.bridge import Bridge
from telephony.gateways.asterisk.normalise import Normaliser
from telephony.gateways.events import CallEvent, Kind
from tests.city import City
from tests.telephony.fakes import HandGateway
from tests.telephony.gateways.test_normalise import ev
from ticketing.alarms.running import run
from ticketing.clocks.poller import fire_all
from ticketing.models import Alarm, AlarmCall

pytestmark = pytest.mark.django_db
WRITTEN, ROOM = "（0371）6000-0001", "037160000001"  # on the letterhead, and as it is dialled


@pytest.fixture
def call(city: City) -> AlarmCall:
    """The first call of an unsigned urgent ticket's alarm, waiting for a network."""
    lights = city.unit["lights"]
    lights.phone = WRITTEN
    lights.save(update_fields=["phone"])
    city.dispatched(urgency="urgent")
    late = timezone.now() + timedelta(minutes=31)
    fire_all(late)
    run(late)
    return AlarmCall.objects.get()


def happen(bridge: Bridge, call: AlarmCall, kind: Kind, **data: object) -> None:
    name = f"out-alarm-{call.pk}"
    bridge.gateway.put.append(  # type: ignore[attr-defined]
        CallEvent(kind, "default", name, timezone.now(), f"{name}:{kind}", data=data)
    )
    bridge.step(0)
    call.refresh_from_db()


def test_it_rings_once_and_is_confirmed(call: AlarmCall) -> None:
    gateway = HandGateway()
    bridge = Bridge(gateway)
    bridge.step(0)
    assert gateway.asked == [("alarm", ROOM, str(call.pk))]
    happen(bridge, call, Kind.OUTBOUND)
    happen(bridge, call, Kind.ALARM_HEARD, confirmed=True)
    assert call.state == "confirmed"
    happen(bridge, call, Kind.ENDED)
    assert (call.state, Alarm.objects.get().state) == ("confirmed", "confirmed")
    assert len(gateway.asked) == 1


def test_nobody_answers(call: AlarmCall) -> None:
    bridge = Bridge(HandGateway())
    bridge.step(0)
    happen(bridge, call, Kind.OUTBOUND)
    happen(bridge, call, Kind.ENDED)
    assert call.state == "unanswered"


def test_a_network_that_refuses(call: AlarmCall) -> None:
    gateway = HandGateway()
    gateway.refuse.add("alarm")
    Bridge(gateway).step(0)
    call.refresh_from_db()
    assert (call.state, call.error) == ("failed", "refused")


def test_a_network_that_can_ring_nobody_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    alarms._told.clear()
    for call in (1, 2):
        alarms._complain(call, "demo")
    assert len(caplog.records) == 1
    alarms._complain(3, "bad_number")
    assert "alarm call 3" in caplog.messages[-1]


def test_a_network_that_is_down_takes_no_call(call: AlarmCall) -> None:
    gateway = HandGateway()
    gateway.healthy = False
    Bridge(gateway).step(0)
    call.refresh_from_db()
    assert call.state == "waiting"


def test_the_dial_plan_s_report() -> None:
    name = "out-alarm-7"
    normaliser = Normaliser("default")
    list(normaliser.feed(ev("Newchannel", Channel="Local/1@outward-1;1", Uniqueid=name, Linkedid=name, Context="x")))
    report = {"UserEvent": "HotlineAlarm", "Callid": name, "Key": "7", "Linkedid": name}
    found = [
        item.data
        for pressed in ("1", "2", "")
        for item in normaliser.feed(ev("UserEvent", Pressed=pressed, **report))
        if isinstance(item, CallEvent)
    ]
    assert [data["confirmed"] for data in found] == [True, False, False]
