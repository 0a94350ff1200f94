"""Messages go out by the means that are configured, once, and come again after a failure; webhooks are signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from tests.city import CITY, City
from ticketing.api.keys import make
from ticketing.models import Notice, Webhook, WebhookDelivery
from ticketing.notify import delivery
from ticketing.outbox.reading import drain
from ticketing.privacy.crypto import seal


class Gateway(HTTPServer):
    """An HTTP end point that keeps what it was sent and answers `status`."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Gateway)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        server.taken.append((dict(self.headers), content))
        self.send_response(server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()


def test_without_a_gateway_messages_stand_on_the_page(city: City) -> None:
    city.report()
    assert delivery.send_waiting() == 1
    notice = Notice.objects.get()
    assert (notice.state, notice.means, notice.audience) == ("sent", "page", "citizen")
    assert "138" not in notice.text


def test_an_sms_goes_to_the_citizens_phone_once(city: City, gateway: Gateway, settings: object) -> None:
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_TOKEN = gateway.url, "t0ken"  # type: ignore[attr-defined]
    city.report()
    assert delivery.send_waiting() == 1
    assert delivery.send_waiting() == 0
    headers, content = gateway.taken[0]
    body = json.loads(content)
    assert headers["Authorization"] == "Bearer t0ken"
    assert body["to"] == "13800000001"
    assert body["key"] == Notice.objects.get().key


def test_a_failure_is_tried_again_later(city: City, gateway: Gateway, settings: object) -> None:
    settings.SMS_GATEWAY_URL = gateway.url  # type: ignore[attr-defined]
    gateway.status = 503
    city.report()
    assert delivery.send_waiting() == 0
    notice = Notice.objects.get()
    assert (notice.state, notice.tries) == ("waiting", 1)
    assert notice.next_try_at is not None
    assert notice.next_try_at > timezone.now()
    gateway.status = 200
    Notice.objects.update(next_try_at=timezone.now())
    assert delivery.send_waiting() == 1
    assert [json.loads(content)["key"] for _, content in gateway.taken] == [notice.key] * 2


def test_an_anonymous_ticket_has_nobody_to_write_to(city: City) -> None:
    from ticketing.privacy.identity import Person

    city.report(anonymous=True, person=Person())
    assert not Notice.objects.filter(audience="citizen").exists()


@pytest.mark.django_db(transaction=True)  # the outbox only gives out what is committed
def test_webhooks_are_signed_and_delivered_once(city: City, gateway: Gateway) -> None:
    key, _ = make("peer", CITY, ["events", "all"], "peer")
    Webhook.objects.create(api_key=key, url=gateway.url, secret_box=seal("s3cret"))
    ticket = city.report()
    drain()
    drain()
    assert delivery.post_webhooks() == 1
    assert delivery.post_webhooks() == 0
    headers, content = gateway.taken[0]
    expected = "sha256=" + hmac.new(b"s3cret", content, hashlib.sha256).hexdigest()
    assert headers["X-Hotline-Signature"] == expected
    assert json.loads(content)["number"] == ticket.number
    assert WebhookDelivery.objects.get().delivered_at is not None


@pytest.mark.django_db(transaction=True)  # the outbox only gives out what is committed
def test_a_webhook_hears_only_what_its_key_may_know(city: City, gateway: Gateway) -> None:
    key, _ = make("peer", CITY, ["events"], "peer")
    Webhook.objects.create(api_key=key, url=gateway.url, secret_box=seal("s3cret"))
    city.report()  # channel web
    drain()
    assert not WebhookDelivery.objects.exists()
