"""The means: each takes an address and a text, and raises when the message did not go."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.request
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings

TIMEOUT_SECONDS = 10


class Sender(Protocol):
    """One way to reach somebody. `send` raises `OSError` (or a subclass) when the message did not go."""

    name: str

    def send(self, address: str, text: str, key: str) -> None: ...


class OutboxPage:
    """The default: the message stays readable on the desk's notice page and on the citizen's own page."""

    name = "page"

    def send(self, address: str, text: str, key: str) -> None:
        return None


class HttpSms:
    """An HTTP SMS gateway: POST of JSON {to, text, key} with a bearer token; 2xx means taken, `key` is idempotent."""

    name = "sms"

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def send(self, address: str, text: str, key: str) -> None:
        body = json.dumps({"to": address, "text": text, "key": key}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            pass


class Smtp:
    """E-mail by `smtp://user:password@host:port` (`smtps://` for TLS from the first byte).

    A password goes in the clear only to a server that offers no TLS at all, which is for a relay on the same machine.
    """

    name = "email"

    def __init__(self, url: str, sender: str) -> None:
        self._parts, self._sender = urlsplit(url), sender

    def send(self, address: str, text: str, key: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, address, "12345热线通知"
        message["Message-ID"] = f"<{key}@12345>"
        message.set_content(text)
        with self._connect() as server:
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        host, port = self._parts.hostname or "localhost", self._parts.port
        if self._parts.scheme == "smtps":
            trusted = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=trusted)
        server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
        server.ehlo()
        if self._parts.username and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        return server


def sms() -> Sender | None:
    """The configured SMS gateway, or None."""
    return HttpSms(settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_TOKEN) if settings.SMS_GATEWAY_URL else None


def email() -> Sender | None:
    return Smtp(settings.EMAIL_URL, settings.EMAIL_FROM) if settings.EMAIL_URL else None
