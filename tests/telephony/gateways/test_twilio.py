"""Twilio's door: signatures by the official SDK, TwiML by its own classes, what a repeat or a forgery does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from twilio.request_validator import RequestValidator

from directory.models import Region, Staff
from telephony.bridge import Bridge
from telephony.gateways.twilio.gateway import TwilioGateway
from telephony.models import Call, CallbackRequest, CallEvent, Incoming, Line, NuisanceCaller, Queue
from tests.telephony.gateways.provider import ACCOUNT, PUBLIC, TOKEN, Inline, Provider, elements, post, provider
from ticketing.privacy.crypto import keyed_hash, seal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with provider(monkeypatch) as found:
        yield found


@pytest.fixture
def bridge(there: Provider) -> Bridge:
    gateway = TwilioGateway("default")
    gateway.work = Inline()  # type: ignore[assignment]
    gateway.start()
    found = Bridge(gateway)
    found.step(0)
    return found


def test_a_signed_request_is_taken_and_an_altered_one_is_not(bridge: Bridge) -> None:
    assert post("voice", From="+8613800000001", To="12345").status_code == 200
    good = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/console/twilio/voice", {"CallSid": "CA2", "From": "1"})
    for altered in (
        post("voice", CallSid="CA2", signature=good, From="2"),
        post("voice", CallSid="CA3", signature="", From="1"),
        post("left", CallSid="CA2", signature=good, From="1"),
        post("leg?call=CA1&seat=8001", CallSid="CA2", signature=good, From="1"),
        post("voice", From="1", public="https://another.example"),
    ):
        assert altered.status_code == 403
    bridge.step(0)
    bridge.step(0)  # what is journalled leaves the inbox with the next look
    assert list(Call.objects.values_list("call", flat=True)) == ["CA1"] and not Incoming.objects.exists()


STEPS = ("voice", "status", "wait", "key", "left", "seat", "seat-done", "room", "leg", "talked", "rated", "party",
         "transferred", "recording")  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_no_step_does_anything_unsigned(step: str) -> None:
    assert post(f"{step}?call=CA1", signature="bm8=").status_code == 403
    assert Client().get(f"/console/twilio/{step}").status_code == 405
    assert not Incoming.objects.exists()


def test_the_algorithm_is_the_settings_and_never_the_requests() -> None:
    """A header that asks for another algorithm changes nothing; an installation may choose SHA-256 for itself."""
    params = {"CallSid": "CA1", "AccountSid": ACCOUNT}
    address = "/console/twilio/status"
    sha256 = RequestValidator(TOKEN).compute_signature(PUBLIC + address, params, algorithm="HMAC_SHA256")
    headers = {"X-Twilio-Signature": sha256, "X-Twilio-Webhooks-Signature-Settings": "key=1,algorithm=HMAC_SHA256"}
    assert Client().post(address, params, headers=headers).status_code == 403
    with override_settings(TWILIO_SIGNATURE="HMAC_SHA256"):
        assert Client().post(address, params, headers=headers).status_code == 200
        assert post("status").status_code == 403, "SHA-1 is not taken then"


def test_without_a_token_nothing_is_genuine() -> None:
    empty = RequestValidator("").compute_signature(
        f"{PUBLIC}/console/twilio/voice", {"CallSid": "CA1", "AccountSid": ACCOUNT}
    )
    with override_settings(TWILIO_AUTH_TOKEN=""):
        assert post("voice", signature=empty).status_code == 403


@pytest.mark.parametrize(
    ("step", "fields", "names"),
    [
        ("voice", {"From": "+8613800000001"}, ["Response", "Say", "Enqueue"]),
        ("wait", {"QueuePosition": "3"}, ["Response", "Gather", "Say", "Redirect"]),
        ("key", {"Digits": "1"}, ["Response", "Leave"]),
        ("key", {"Digits": "7"}, ["Response", "Gather", "Say", "Redirect"]),
        ("left", {"QueueResult": "redirected"}, ["Response"]),
        ("left", {"QueueResult": "queue-full"}, ["Response", "Say", "Hangup"]),
        ("seat?call=CA9&seat=8001", {}, ["Response", "Say", "Hangup"]),
        ("seat-done", {}, ["Response", "Hangup"]),
        ("room?call=CA1&seat=8001&leg=CA2", {"StatusCallbackEvent": "participant-leave"}, ["Response"]),
        ("leg?call=CA1&seat=8001", {"CallStatus": "ringing"}, ["Response"]),
        ("talked", {"DialCallStatus": "completed"}, ["Response", "Gather", "Say", "Hangup"]),
        ("rated", {"Digits": "4"}, ["Response", "Say", "Hangup"]),
        ("transferred", {"DialCallStatus": "busy"}, ["Response", "Say", "Enqueue"]),
        ("transferred", {"DialCallStatus": "completed"}, ["Response", "Hangup"]),
        ("party?call=CA1&party=p", {"CallStatus": "ringing"}, ["Response"]),
        ("recording?call=CA1", {"RecordingSid": "RE1"}, ["Response"]),
        ("status", {"CallStatus": "completed"}, ["Response"]),
    ],
)
def test_twiml_of_each_step(step: str, fields: dict[str, str], names: list[str]) -> None:
    assert [one.tag for one in elements(post(step, **fields))] == names


def test_the_agents_phone_brings_the_caller_into_the_same_conference(bridge: Bridge, there: Provider) -> None:
    post("voice", From="+8613800000001")
    bridge.step(0)
    found = elements(post("seat?call=CA1&seat=8001", CallSid="CAagent"))
    assert [one.tag for one in found] == ["Response", "Dial", "Conference"]
    assert found[2].text == "room-CA1" and found[2].get("record") == "record-from-start"
    [moved] = there.wanted("/Calls/CA1.json")
    assert "room-CA1" in moved["Twiml"]
    there.refuse.add("/Calls/CA1.json")
    assert [one.tag for one in elements(post("seat?call=CA1&seat=8001"))] == ["Response", "Say", "Hangup"]


def test_no_number_is_in_any_address_that_we_hand_out(bridge: Bridge) -> None:
    answer = post("voice", From="+8613800000001").content.decode()
    bridge.step(0)
    assert "13800000001" not in answer + post("seat?call=CA1&seat=8001").content.decode()


def test_keys_while_waiting(bridge: Bridge) -> None:
    post("voice", From="+8613800000001")
    post("key", Digits="1")
    assert "回电" in post("left", QueueResult="leave").content.decode()
    post("status", CallStatus="completed")
    bridge.step(0)
    assert CallbackRequest.objects.get().kind == "asked" and Call.objects.get().callback_asked
    post("voice", CallSid="CA2", From="+8613800000002")
    post("key", CallSid="CA2", Digits="9")
    found = elements(post("left", CallSid="CA2", QueueResult="leave"))
    assert found[-1].tag == "Number" and found[-1].text == "110"
    post("status", CallSid="CA2", CallStatus="completed")
    bridge.step(0)
    assert Call.objects.get(call="CA2").outcome == "emergency"


def test_waiting_too_long_is_an_overflow_and_owes_a_call(bridge: Bridge) -> None:
    Queue.objects.update(max_wait_seconds=300)
    post("voice", From="+8613800000001")
    bridge.step(0)
    assert [one.tag for one in elements(post("wait", QueueTime="301"))] == ["Response", "Leave"]
    post("left", QueueResult="leave")
    post("status", CallStatus="completed")
    bridge.step(0)
    assert Call.objects.get().outcome == "overflowed" and CallbackRequest.objects.get().kind == "abandoned"


def test_who_hangs_up_in_the_queue_is_owed_a_call(bridge: Bridge) -> None:
    post("voice", From="+8613800000001")
    post("left", QueueResult="hangup")
    bridge.step(0)
    assert Call.objects.get().outcome == "abandoned"
    assert CallbackRequest.objects.get().kind == "abandoned"


def test_a_hidden_number_is_unknown_and_not_a_name(bridge: Bridge) -> None:
    post("voice", From="anonymous")
    bridge.step(0)
    assert Call.objects.get().number_box == ""


def test_the_line_chooses_the_queue(bridge: Bridge) -> None:
    Queue.objects.create(name="firms", label="企业")
    Line.objects.create(number="037188880000", queue_id="firms")
    found = elements(post("voice", From="+8613800000001", To="037188880000"))
    bridge.step(0)
    assert found[-1].text == "firms" and Call.objects.get().queue == "firms"


def test_a_nuisance_caller_is_turned_away_and_counted(bridge: Bridge) -> None:
    Region.objects.get_or_create(code="410100", defaults={"name": "郑州市", "level": "city"})
    number = "+8613800000009"
    NuisanceCaller.objects.create(
        number_hash=keyed_hash("phone", number), number_box=seal(number), reason="辱骂", created_at=timezone.now(),
        staff=Staff.objects.create_user("leader", password="x" * 12), review_on=timezone.localdate(),
    )  # fmt: skip
    assert "Hangup" in [one.tag for one in elements(post("voice", From=number))]
    post("status", CallStatus="completed")
    bridge.step(0)
    assert Call.objects.get().outcome == "blocked"


def test_news_of_a_call_that_never_began_here_is_dropped(bridge: Bridge) -> None:
    post("status", CallSid="CAother", CallStatus="completed")
    post("rated", CallSid="CAother", Digits="5")
    bridge.step(0)
    assert not Call.objects.exists() and not Incoming.objects.exists() and not CallEvent.objects.exists()
