"""What we start ourselves, by REST with the official client; compatible providers by another base address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from telephony.gateways.protocol import GatewayError
from telephony.gateways.twilio import twiml


def client(http: Any = None) -> Any:
    """The SDK's client. Imported here: it costs half a second and half the web process never needs it."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    if not settings.TWILIO_ACCOUNT_SID or not settings.TWILIO_AUTH_TOKEN:
        raise GatewayError("not_set_up", "未配置 TWILIO_ACCOUNT_SID 与 TWILIO_AUTH_TOKEN")
    transport = http or Rebased(TwilioHttpClient(timeout=8))
    return Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=transport)


class Rebased:
    """Sends the SDK's requests to TWILIO_BASE_URL instead of its built-in host."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if settings.TWILIO_BASE_URL:
            parts = urlsplit(url)
            url = str(settings.TWILIO_BASE_URL).rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")
        return self.inner.request(method, url, *args, **kwargs)


def call_seat(to: str, sender: str, base: str, extension: str, http: Any = None) -> str:
    """Rings an agent's phone; its leg then takes the queue's first. Never repeated by us: it would ring twice."""
    made = client(http).calls.create(
        to=to, from_=sender, url=f"{base}seat?seat={extension}", status_callback=f"{base}status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )  # fmt: skip
    return str(made.sid)


def blind_transfer(call: str, number: str, base: str, http: Any = None) -> None:
    """Moves the caller's own leg; `transferred` brings the caller back when nobody answers."""
    client(http).calls(call).update(twiml=twiml.transfer(number, base))


def hang_up(call: str, http: Any = None) -> None:
    client(http).calls(call).update(status="completed")
