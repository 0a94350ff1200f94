"""Twilio: signatures by the official SDK, TwiML by its own classes, a whole conversation to a rated call."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client, override_settings
from twilio.request_validator import RequestValidator
from twilio.twiml import voice_response

from telephony.calls.store import rebuilt
from telephony.gateways.twilio import rest, twiml
from telephony.models import Call, CallbackRequest, CallEvent

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://hotline.example.cn"
pytestmark = pytest.mark.django_db
ELEMENTS = {name for name in dir(voice_response) if name[0].isupper()} | {"Response"}


@pytest.fixture(autouse=True)
def configured() -> Any:
    with override_settings(TWILIO_AUTH_TOKEN=TOKEN, TWILIO_ACCOUNT_SID="AC" + "1" * 32, PUBLIC_URL=PUBLIC):
        yield


def post(step: str, *, call: str = "CA1", signature: str | None = None, **fields: str) -> Any:
    """A webhook as the provider sends it: to the public address, signed by the SDK; we are behind a plain proxy."""
    params = {"CallSid": call, "AccountSid": "AC1", **fields}
    path = f"/console/twilio/{step}"
    given = signature if signature is not None else RequestValidator(TOKEN).compute_signature(PUBLIC + path, params)
    return Client(enforce_csrf_checks=True).post(path, params, headers={"X-Twilio-Signature": given})


def well_formed(response: Any) -> list[str]:
    """Element names in order; each must be one of the SDK's own classes."""
    assert response.status_code == 200 and response["Content-Type"].startswith("text/xml")
    names = [element.tag for element in ElementTree.fromstring(response.content).iter()]
    assert set(names) <= ELEMENTS, names
    return names


def test_a_signed_request_is_taken_and_an_altered_one_is_not() -> None:
    assert post("voice", From="+8613800000001", To="12345").status_code == 200
    good = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/console/twilio/voice", {"CallSid": "CA2", "From": "1"})
    for altered in (
        post("voice", call="CA2", signature=good, From="2"),
        post("voice", call="CA3", signature="", From="1"),
        post("left", call="CA2", signature=good, From="1"),
    ):
        assert altered.status_code == 403
    assert list(Call.objects.values_list("call", flat=True)) == ["CA1"]


def test_without_a_token_nothing_is_genuine() -> None:
    empty = RequestValidator("").compute_signature(
        f"{PUBLIC}/console/twilio/voice", {"CallSid": "CA1", "AccountSid": "AC1"}
    )
    with override_settings(TWILIO_AUTH_TOKEN=""):
        assert post("voice", signature=empty).status_code == 403


def test_a_get_is_refused() -> None:
    assert Client().get("/console/twilio/voice").status_code == 405


@pytest.mark.parametrize(
    ("step", "fields", "names"),
    [
        ("voice", {"From": "+8613800000001"}, ["Response", "Say", "Enqueue"]),
        ("wait", {"QueuePosition": "3"}, ["Response", "Gather", "Say", "Redirect"]),
        ("key", {"Digits": "1"}, ["Response", "Leave"]),
        ("seat", {}, ["Response", "Dial", "Queue"]),
        ("left", {"QueueResult": "bridged"}, ["Response", "Gather", "Say", "Hangup"]),
        ("rated", {"Digits": "4"}, ["Response", "Say", "Hangup"]),
        ("transferred", {"DialCallStatus": "busy"}, ["Response", "Say", "Enqueue"]),
        ("recording", {"RecordingSid": "RE1"}, ["Response"]),
    ],
)
def test_twiml_of_each_step(step: str, fields: dict[str, str], names: list[str]) -> None:
    assert well_formed(post(step, **fields)) == names


def conversation() -> None:
    post("voice", From="+8613800000001", To="+8637112345")
    post("wait", QueuePosition="1")
    post("connected?seat=8001", DequeingCallSid="CAagent")
    post("left", QueueResult="bridged")
    post("rated", Digits="4")
    post("status", CallStatus="completed")


def test_a_conversation_from_ring_to_rating() -> None:
    conversation()
    call = Call.objects.get(call="CA1")
    assert (call.status, call.outcome, call.rating, call.seat) == ("ended", "answered", 4, "8001")
    assert rebuilt("twilio", "CA1").rating == 4


def test_the_same_conversation_told_twice_changes_nothing() -> None:
    conversation()
    before = list(CallEvent.objects.values_list("key", flat=True))
    conversation()
    assert list(CallEvent.objects.values_list("key", flat=True)) == before and Call.objects.count() == 1


def test_who_hangs_up_in_the_queue_is_owed_a_call() -> None:
    post("voice", From="+8613800000001")
    post("left", QueueResult="hangup")
    assert Call.objects.get().outcome == "abandoned"
    assert CallbackRequest.objects.get().kind == "abandoned"


def test_a_hidden_number_is_unknown_and_not_a_name() -> None:
    post("voice", From="anonymous")
    assert Call.objects.get().number_box == ""


class Recorder:
    """Stands for the network under the SDK's own client."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []

    def request(self, method: str, url: str, params: Any = None, data: Any = None, **_: Any) -> Any:
        from twilio.http.response import Response

        self.seen.append((method, url, dict(data or {})))
        return Response(201 if method == "POST" else 200, '{"sid": "CAnew", "status": "queued"}')


def test_rest_goes_to_the_configured_provider() -> None:
    wire = Recorder()
    with override_settings(TWILIO_BASE_URL="https://voice.provider.example"):
        rest.blind_transfer("CA1", "110", "https://h/console/twilio/", http=rest.Rebased(wire))
        sid = rest.call_seat("+861", "+862", "https://h/console/twilio/", "8001", http=rest.Rebased(wire))
    assert sid == "CAnew"
    assert all(url.startswith("https://voice.provider.example/2010-04-01/Accounts/AC1") for _, url, _ in wire.seen)
    assert wire.seen[0][2]["Twiml"] == twiml.transfer("110", "https://h/console/twilio/")
