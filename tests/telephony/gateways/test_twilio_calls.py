"""Whole calls over Twilio: a recorded conversation to a rated ticket, transfers, call-backs, restarts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from directory.models import Region, Role, RoleBinding, Seat, Staff
from telephony.bridge import Bridge
from telephony.calls.store import as_dict, from_call, rebuilt
from telephony.console import api
from telephony.gateways.protocol import GatewayError
from telephony.gateways.twilio.gateway import TwilioGateway
from telephony.models import Call, CallbackRequest, CallEvent, Order, Recording, SeatState, Transfer
from telephony.seats import orders
from tests.telephony.gateways.provider import Inline, Provider, elements, post, provider
from ticketing.models import Ticket
from ticketing.outbox import reading
from ticketing.privacy.crypto import keyed_hash, seal
from ticketing.reviews.models import Review

pytestmark = pytest.mark.django_db
RECORDED = json.loads((Path(__file__).parent / "twilio_conversation.json").read_text(encoding="utf-8"))
PHONE = "+8613711110001"


@pytest.fixture(autouse=True)
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> Iterator[Provider]:
    settings.DATA = tmp_path
    settings.PHONE_GATEWAY = "twilio"
    monkeypatch.setattr("telephony.gateways.twilio.gateway.spool", lambda: tmp_path / "spool")
    monkeypatch.setattr("telephony.recordings.intake.spool", lambda: tmp_path / "spool")
    with provider(monkeypatch) as found:
        yield found


@pytest.fixture
def agent() -> Staff:
    city = Region.objects.get_or_create(code="410100", defaults={"name": "郑州市", "level": "city"})[0]
    Seat.objects.create(number="8001", region=city, phone=PHONE)
    person = Staff.objects.create_user("agent", password="x" * 12, name="agent")
    RoleBinding.objects.create(staff=person, role=Role.AGENT, region=city)
    return person


def started() -> Bridge:
    gateway = TwilioGateway("default")
    gateway.work = Inline()  # type: ignore[assignment]
    gateway.start()
    found = Bridge(gateway)
    found.step(0)
    return found


@pytest.fixture
def bridge(agent: Staff, monkeypatch: pytest.MonkeyPatch) -> Bridge:
    found, real = started(), orders.wait

    def wait(order: Order, seconds: float = 1) -> Order:
        turn(found)
        return real(order, seconds)

    monkeypatch.setattr(api.orders, "wait", wait)
    return found


def turn(bridge: Bridge) -> None:
    """What is rung in one turn is told in the next."""
    for _ in range(3):
        bridge.step(0)


class Page:
    """The agent's console, by its API."""

    def __init__(self, agent: Staff) -> None:
        self.client = Client()
        self.client.force_login(agent)
        self.token = ""
        self.login = self.post("login", {"seat": "8001"})
        self.token = self.login["token"]

    def post(self, path: str, content: dict[str, Any]) -> Any:
        return self.client.post(
            f"/console/api/{path}", json.dumps(content), content_type="application/json",
            headers={"X-Seat-Token": self.token},
        ).json()  # fmt: skip

    def get(self, path: str) -> Any:
        return self.client.get(f"/console/api/{path}", headers={"X-Seat-Token": self.token}).json()


@pytest.fixture
def page(bridge: Bridge, agent: Staff) -> Page:
    found = Page(agent)
    assert found.login["phone"] == "outside", found.login
    assert found.post("order", {"action": "ready"})["seat"]["mode"] == "ready"
    return found


def send(step: str, **fields: str) -> Any:
    return elements(post(step, **fields))


def talk(bridge: Bridge, call: str = "CAcaller", leg: str = "CAagent") -> None:
    """Everything of the recorded conversation up to the talk."""
    about = f"call={call}&seat=8001"
    send("voice", CallSid=call, From="+8613800000001", To="+8637112345")
    turn(bridge)
    send(f"seat?{about}", CallSid=leg, CallStatus="in-progress")
    send(f"room?{about}&leg={leg}", CallSid=call, ConferenceSid="CF1", StatusCallbackEvent="participant-join")
    turn(bridge)
    assert Call.objects.get(call=call).status == "talking"


@pytest.mark.django_db(transaction=True)  # the outbox gives out what is committed
def test_a_recorded_conversation_becomes_a_rated_ticket(bridge: Bridge, page: Page, there: Provider) -> None:
    number = ""
    for line in RECORDED:
        if "step" in line:
            send(line["step"], **line["post"])
            turn(bridge)
        elif "bridge" in line:
            [rung] = there.wanted("/Calls.json")
            assert (rung["To"], rung["From"]) == (PHONE, "+8637112345")
            shown = page.get("state")
            assert (shown["seat"]["mode"], shown["call"]["number"]) == ("ringing", "+8613800000001")
        else:
            assert page.get("state")["seat"]["mode"] == "talking"
            call = page.get("pop")["call"]["id"]
            body = "建设路与人民路交叉口路灯不亮已经三天，晚上行人很危险"
            number = page.post("tickets", {"form": "f1", "call": call, "body": body, "kind": "help"})["number"]
    call = Call.objects.get()
    assert (call.status, call.outcome, call.rating, call.seat, call.line) == (
        "ended", "answered", 4, "8001", "+8637112345",
    )  # fmt: skip
    assert as_dict(from_call(call)) == as_dict(rebuilt("default", "CAcaller"))
    assert page.get("state")["seat"]["mode"] == "after"
    ticket = Ticket.objects.get(number=number)
    assert ticket.call_key == "CAcaller" and ticket.identity.phone_hash == keyed_hash("phone", "+8613800000001")
    reading.drain()
    review = Review.objects.get()
    assert (review.kind, review.key, review.level, review.channel) == ("call", "CAcaller", 4, "keypad")


def test_the_same_recording_sent_again_changes_nothing(bridge: Bridge, page: Page, there: Provider) -> None:
    """Replay: every request is genuine and was answered before."""
    steps = [line for line in RECORDED if "step" in line]
    for line in steps:
        send(line["step"], **line["post"])
        turn(bridge)
    before, rung = list(CallEvent.objects.order_by("id").values_list("key", "at")), len(there.wanted("/Calls.json"))
    for line in steps:
        send(line["step"], **line["post"])
        turn(bridge)
    assert list(CallEvent.objects.order_by("id").values_list("key", "at")) == before
    assert Call.objects.count() == 1 and len(there.wanted("/Calls.json")) == rung == 1


def test_the_recording_is_fetched_and_kept_encrypted(bridge: Bridge, page: Page) -> None:
    talk(bridge)
    send("recording?call=CAcaller", CallSid="", RecordingSid="RE1", RecordingStatus="completed")
    turn(bridge)
    send("status", CallSid="CAcaller", CallStatus="completed")
    turn(bridge)
    from datetime import timedelta

    from telephony.recordings.intake import intake

    assert intake("default", timezone.now() + timedelta(seconds=5)) == 1
    assert Recording.objects.get().state == "kept"


def test_who_has_been_idle_longest_is_rung_and_a_missed_ring_goes_on(
    bridge: Bridge, page: Page, there: Provider
) -> None:
    city = Region.objects.get()
    Seat.objects.create(number="8002", region=city, phone="sip:8002@pbx.example")
    bridge.keeper.log_in("8002", None, "t", "p", ["normal"], timezone.now())
    bridge.keeper.ready(bridge.seat("8002"), timezone.now())
    send("voice", CallSid="CA1", From="+8613800000001")
    turn(bridge)
    [rung] = there.wanted("/Calls.json")
    assert rung["To"] == PHONE, "8001 was ready first"
    send("leg?call=CA1&seat=8001", CallSid="CAleg1", CallStatus="no-answer")
    turn(bridge)
    assert [one["To"] for one in there.wanted("/Calls.json")] == [PHONE, "sip:8002@pbx.example"]
    assert SeatState.objects.get(extension="8001").reason == "漏接"
    assert Call.objects.get().missed == ["8001"]


def test_a_caller_who_gives_up_silences_the_ringing_phone(bridge: Bridge, page: Page, there: Provider) -> None:
    send("voice", CallSid="CA1", From="+8613800000001")
    turn(bridge)
    send("left", CallSid="CA1", QueueResult="hangup")
    turn(bridge)
    assert there.wanted("/Calls/CAleg1.json") == [{"Status": "completed"}]
    assert SeatState.objects.get(extension="8001").mode == "ready"


def test_the_hang_up_button_ends_the_agents_phone(bridge: Bridge, page: Page, there: Provider) -> None:
    talk(bridge)
    page.post("order", {"action": "hang_up"})
    assert {"Status": "completed"} in there.wanted("/Calls/CAagent.json")


MOVE = {"action": "transfer", "target": "110", "consent": True, "reason": "警情"}


def test_blind_to_110_taken(bridge: Bridge, page: Page, there: Provider) -> None:
    talk(bridge)
    page.post("order", {**MOVE, "mode": "blind"})
    assert "110" in there.wanted("/Calls/CAcaller.json")[-1]["Twiml"]
    send("leg?call=CAcaller&seat=8001", CallSid="CAagent", CallStatus="completed")
    send("party?call=CAcaller&mode=blind", CallSid="CApolice", CallStatus="in-progress")
    turn(bridge)
    assert Call.objects.get().status == "transferred" and Transfer.objects.get().outcome == "accepted"
    send("transferred", CallSid="CAcaller", DialCallStatus="completed", DialCallSid="CApolice")
    send("status", CallSid="CAcaller", CallStatus="completed")
    turn(bridge)
    call = Call.objects.get()
    assert (call.transfers, call.outcome) == (1, "answered")


@pytest.mark.parametrize(("said", "outcome"), [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "unreachable")])
def test_blind_to_110_not_taken_comes_back_first(
    bridge: Bridge, page: Page, there: Provider, said: str, outcome: str
) -> None:
    talk(bridge)
    page.post("order", {**MOVE, "mode": "blind"})
    send("voice", CallSid="CAother", From="+8613800000002")
    send("leg?call=CAcaller&seat=8001", CallSid="CAagent", CallStatus="completed")
    found = send("transferred", CallSid="CAcaller", DialCallStatus=said, DialCallSid="CApolice")
    assert found[-1].tag == "Enqueue"
    turn(bridge)
    assert Transfer.objects.get().outcome == outcome
    assert list(bridge.gateway.pool.waiting) == ["CAcaller", "CAother"]  # type: ignore[attr-defined]
    assert Call.objects.get(call="CAcaller").status == "queued"


def test_attended_holds_the_caller_and_hands_over(bridge: Bridge, page: Page, there: Provider) -> None:
    talk(bridge)
    page.post("order", {**MOVE, "mode": "attended"})
    row = Transfer.objects.get()
    [added] = there.wanted("/Conferences/room-CAcaller/Participants.json")
    assert (added["To"], added["Label"]) == ("110", row.party)
    assert there.wanted("/Conferences/CF1/Participants/CAcaller.json") == [{"Hold": "true"}]
    assert page.post("order", {"action": "transfer_complete"})["code"] == "not_answered"
    send(f"party?call=CAcaller&party={row.party}", CallSid="CApolice", CallStatus="in-progress")
    turn(bridge)
    row.refresh_from_db()
    assert row.outcome == "joined"
    page.post("order", {"action": "transfer_complete"})
    assert there.wanted("/Conferences/CF1/Participants/CAagent.json") == [{"EndConferenceOnExit": "false"}]
    assert there.wanted("/Conferences/CF1/Participants/CAcaller.json")[-1] == {"Hold": "false"}
    send("leg?call=CAcaller&seat=8001", CallSid="CAagent", CallStatus="completed")
    turn(bridge)
    row.refresh_from_db()
    assert row.outcome == "accepted" and Call.objects.get().status == "transferred"
    assert [one.tag for one in send("talked", CallSid="CAcaller")] == ["Response", "Hangup"], "110 is not rated here"


def test_attended_refused_gives_the_caller_back(bridge: Bridge, page: Page, there: Provider) -> None:
    talk(bridge)
    page.post("order", {**MOVE, "mode": "attended"})
    row = Transfer.objects.get()
    send(f"party?call=CAcaller&party={row.party}", CallSid="CApolice", CallStatus="busy")
    turn(bridge)
    row.refresh_from_db()
    assert row.outcome == "busy" and Call.objects.get().status == "talking"
    assert there.wanted("/Conferences/CF1/Participants/CAcaller.json")[-1] == {"Hold": "false"}


def test_three_way_joins_and_can_be_dropped(bridge: Bridge, page: Page, there: Provider) -> None:
    talk(bridge)
    page.post("order", {**MOVE, "mode": "three_way"})
    row = Transfer.objects.get()
    send(f"party?call=CAcaller&party={row.party}", CallSid="CApolice", CallStatus="in-progress")
    turn(bridge)
    assert page.get("state")["call"]["parties"] == [row.party]
    page.post("order", {"action": "drop_party", "party": row.party})
    assert any(method == "DELETE" and url.endswith("/Participants/CApolice.json") for method, url, _ in there.asked)
    send(f"party?call=CAcaller&party={row.party}", CallSid="CApolice", CallStatus="completed")
    turn(bridge)
    assert Call.objects.get().parties == [] and Call.objects.get().status == "talking"


def test_an_owed_call_rings_the_agent_first_and_then_the_citizen(bridge: Bridge, page: Page, there: Provider) -> None:
    CallbackRequest.objects.create(
        kind="abandoned", call="CAold", number_box=seal("13800000007"), number_hash="h", place_at=timezone.now(),
        not_before=timezone.now(),
    )  # fmt: skip
    assert page.post("callbacks/next", {})["callback"]["kind"] == "abandoned"
    turn(bridge)
    call = Call.objects.get()
    assert call.outbound and [one["To"] for one in there.wanted("/Calls.json")] == [PHONE]
    about = f"call={call.call}&seat=8001"
    send(f"seat?{about}", CallSid="CAleg1")
    send(f"room?{about}&leg=CAleg1", CallSid="CAleg1", ConferenceSid="CF1", StatusCallbackEvent="participant-join")
    turn(bridge)
    assert there.wanted(f"/Conferences/room-{call.call}/Participants.json")[0]["To"] == "13800000007"
    send(f"leg?{about}", CallSid="CAleg1", CallStatus="completed")
    turn(bridge)
    call.refresh_from_db()
    assert (call.status, call.outcome) == ("ended", "outbound")


def test_a_seat_without_a_phone_cannot_log_in(bridge: Bridge, agent: Staff) -> None:
    Seat.objects.update(phone="")
    client = Client()
    client.force_login(agent)
    answer = client.post("/console/api/login", json.dumps({"seat": "8001"}), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_phone")


def test_a_provider_that_is_down_is_asked_again_later_and_breaks_no_seat(
    bridge: Bridge, page: Page, there: Provider
) -> None:
    there.refuse.add("/Calls.json")
    send("voice", CallSid="CA1", From="+8613800000001")
    turn(bridge)
    assert len(there.wanted("/Calls.json")) == 1 and SeatState.objects.get().mode == "ready"
    there.refuse.clear()
    bridge.gateway._quiet_until = 0  # type: ignore[attr-defined]
    turn(bridge)
    assert len(there.wanted("/Calls.json")) == 2 and SeatState.objects.get().mode == "ringing"


def test_a_bridge_that_was_away_misses_nothing_and_asks_what_ended(bridge: Bridge, page: Page, there: Provider) -> None:
    talk(bridge)
    send("voice", CallSid="CAgone", From="+8613800000002")
    turn(bridge)
    send("voice", CallSid="CAwhile", From="+8613800000003")  # nobody is there to take it
    there.statuses["CAgone"] = "completed"
    again = started()
    turn(again)
    found = dict(Call.objects.values_list("call", "status"))
    assert found == {"CAcaller": "talking", "CAgone": "ended", "CAwhile": "queued"}
    assert Call.objects.get(call="CAgone").outcome == "unknown"
    assert SeatState.objects.get().mode == "talking"


def test_what_the_provider_refuses_is_told_to_the_agent(bridge: Bridge, page: Page, there: Provider) -> None:
    talk(bridge)
    there.refuse.add("/Calls/CAcaller.json")
    answer = page.post("order", {**MOVE, "mode": "blind"})
    assert answer["code"] == "refused" and "20404" in answer["text"]
    assert Transfer.objects.get().outcome == "unreachable"
    with pytest.raises(GatewayError):
        bridge.gateway.spy("8001", "CAagent", "sing", "spy-1")
