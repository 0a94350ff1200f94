"""A stand-in for the provider: signs its webhooks with the SDK, answers the SDK's REST requests, remembers both."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from django.test import Client, override_settings
from twilio.request_validator import RequestValidator
from twilio.twiml import voice_response

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "1" * 32
PUBLIC = "https://hotline.example.cn"
ELEMENTS = {name for name in dir(voice_response) if name[0].isupper()} | {"Response"}


def post(step: str, *, signature: str | None = None, public: str = PUBLIC, **fields: str) -> Any:
    """A webhook as the provider sends it: to the public address, signed by the SDK; we are behind a plain proxy."""
    params = {"CallSid": "CA1", "AccountSid": ACCOUNT, **fields}
    path = f"/console/twilio/{step}"
    given = signature if signature is not None else RequestValidator(TOKEN).compute_signature(public + path, params)
    return Client(enforce_csrf_checks=True).post(path, params, headers={"X-Twilio-Signature": given})


def elements(response: Any) -> list[ElementTree.Element]:
    """The TwiML's elements in order; each must be one of the SDK's own classes."""
    assert response.status_code == 200 and response["Content-Type"].startswith("text/xml"), response.status_code
    found = list(ElementTree.fromstring(response.content).iter())
    assert {one.tag for one in found} <= ELEMENTS, [one.tag for one in found]
    return found


@dataclass
class Provider:
    """The REST side. `refuse`: parts of addresses that are answered with an error."""

    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    refuse: set[str] = field(default_factory=set)
    legs: int = 0

    def request(self, method: str, url: str, params: Any = None, data: Any = None, **_: Any) -> Any:
        from twilio.http.response import Response

        self.asked.append((method, url, dict(data or {})))
        if any(part in url for part in self.refuse):
            return Response(404, json.dumps({"code": 20404, "message": "not found", "status": 404}))
        if method == "DELETE":
            return Response(204, "")
        return Response(201 if method == "POST" else 200, json.dumps(self.answer(method, url)))

    def answer(self, method: str, url: str) -> dict[str, Any]:
        if method == "GET" and url.split("?")[0].endswith("/Conferences.json"):
            return {"conferences": [{"sid": "CF1", "status": "in-progress"}], "next_page_uri": None}
        if method == "GET":
            sid = url.rsplit("/", 1)[-1].removesuffix(".json")
            return {"sid": sid, "status": self.statuses.get(sid, "in-progress")}
        self.legs += 1
        return {"sid": f"CAleg{self.legs}", "call_sid": f"CAparty{self.legs}", "status": "queued"}

    def wanted(self, part: str) -> list[dict[str, Any]]:
        """What was sent to addresses that end so."""
        return [data for _, url, data in self.asked if url.split("?")[0].endswith(part)]


@contextmanager
def provider(monkeypatch: Any) -> Iterator[Provider]:
    from twilio.rest import Client as Sdk

    from telephony.gateways.twilio import rest

    found = Provider()
    settings = {
        "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_ACCOUNT_SID": ACCOUNT, "PUBLIC_URL": PUBLIC, "TWILIO_NUMBER": "+8637112345",
        "TWILIO_BASE_URL": "https://voice.provider.example",
    }  # fmt: skip
    with override_settings(**settings):
        monkeypatch.setattr(rest, "client", lambda: Sdk(ACCOUNT, TOKEN, http_client=rest.Rebased(found)))
        monkeypatch.setattr(rest, "download", lambda sid: tone())
        yield found


class Inline:
    """An executor without threads."""

    def submit(self, job: Callable[[], None]) -> None:
        job()

    def shutdown(self, **_: Any) -> None:
        return None


def tone(seconds: int = 2) -> bytes:
    """A loud mono wav of 8 kHz and 16 bit."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\x00\x20\x00\xe0" * 4000 * seconds)
    return file.getvalue()
