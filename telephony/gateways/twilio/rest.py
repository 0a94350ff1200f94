"""What we start ourselves, by REST with the official client; compatible providers by another base address.

Nothing here is repeated by itself: a second `ring` would be a second phone call.
"""

from __future__ import annotations

import base64
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from telephony.gateways.protocol import GatewayError
from telephony.gateways.twilio import twiml

HOST = "https://api.twilio.com"
SECONDS = 8
LEG_EVENTS = ["initiated", "ringing", "answered", "completed"]


class Rebased:
    """Sends the SDK's requests to TWILIO_BASE_URL instead of its built-in host."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return self.inner.request(method, rebased(url), *args, **kwargs)


def rebased(url: str) -> str:
    if not settings.TWILIO_BASE_URL:
        return url
    parts = urlsplit(url)
    return str(settings.TWILIO_BASE_URL).rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")


def client() -> Any:
    """The SDK's client. Imported here: it costs half a second and half the web process never needs it."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    if not settings.TWILIO_ACCOUNT_SID or not settings.TWILIO_AUTH_TOKEN:
        raise GatewayError("not_set_up", "未配置 TWILIO_ACCOUNT_SID 与 TWILIO_AUTH_TOKEN")
    return Client(
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=Rebased(TwilioHttpClient(timeout=SECONDS))
    )


def ask(run: Callable[[Any], Any]) -> Any:
    """Runs one request; the provider's refusals and broken lines become `GatewayError`, without its words (numbers)."""
    from requests.exceptions import RequestException
    from twilio.base.exceptions import TwilioException

    try:
        return run(client())
    except TwilioException as error:
        raise GatewayError("refused", f"话务提供商拒绝了请求（{getattr(error, 'code', '') or '无代码'}）") from error
    except (RequestException, OSError) as error:
        raise GatewayError("offline", "无法连接话务提供商", retry=True) from error


def ring(phone: str, sender: str, call: str, seat: str, base: str) -> str:
    """Rings an agent's phone; answered, it asks `seat` what to do."""
    made = ask(
        lambda c: c.calls.create(
            to=phone, from_=sender, url=twiml.link(base, "seat", call=call, seat=seat), timeout=twiml.RING_SECONDS,
            status_callback=twiml.link(base, "leg", call=call, seat=seat), status_callback_event=LEG_EVENTS,
        )
    )  # fmt: skip
    return str(made.sid)


def bring(call: str, base: str) -> None:
    """Moves the caller out of the queue into the conference of the call."""
    ask(lambda c: c.calls(call).update(twiml=twiml.meet(base, call)))


def blind(call: str, number: str, base: str) -> None:
    """Moves the caller's own leg; `transferred` brings the caller back when nobody answers."""
    ask(lambda c: c.calls(call).update(twiml=twiml.transfer(base, call, number)))


def hang_up(leg: str) -> str:
    ask(lambda c: c.calls(leg).update(status="completed"))
    return leg


def status(call: str) -> str:
    return str(ask(lambda c: c.calls(call).fetch()).status)


def conference(client: Any, call: str) -> Any:
    found = client.conferences.list(friendly_name=twiml.room(call), status="in-progress", limit=1)
    if not found:
        raise GatewayError("no_call", "通话已经结束")
    return client.conferences(found[0].sid)


def add(call: str, to: str, sender: str, base: str, party: str, **more: Any) -> str:
    """Dials somebody into the call's conference; `party` hears what becomes of it."""
    made = ask(
        lambda c: c.conferences(twiml.room(call)).participants.create(
            from_=sender, to=to, label=party, beep=False, timeout=twiml.RING_SECONDS, end_conference_on_exit=False,
            status_callback=twiml.link(base, "party", call=call, party=party), status_callback_event=LEG_EVENTS, **more,
        )
    )  # fmt: skip
    return str(made.call_sid)


def drop(call: str, participant: str) -> str:
    ask(lambda c: conference(c, call).participants(participant).delete())
    return participant


def hold(call: str, on: bool) -> str:
    ask(lambda c: conference(c, call).participants(call).update(hold=on))
    return call


def let_go(call: str, leg: str) -> None:
    """The agent may leave without ending the talk of the others."""
    ask(lambda c: conference(c, call).participants(leg).update(end_conference_on_exit=False))


def recording(call: str, on: bool) -> None:
    state = "in-progress" if on else "paused"
    ask(lambda c: conference(c, call).recordings("Twilio.CURRENT").update(status=state))


def download(recording_sid: str) -> bytes:
    """A finished recording as wav."""
    account = settings.TWILIO_ACCOUNT_SID
    url = rebased(f"{HOST}/2010-04-01/Accounts/{account}/Recordings/{recording_sid}.wav")
    token = base64.b64encode(f"{account}:{settings.TWILIO_AUTH_TOKEN}".encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {token}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())
    except OSError as error:
        raise GatewayError("offline", "录音暂时无法下载", retry=True) from error
