"""Sending what waits: lease, send outside every transaction, note the result; growing pauses after a failure."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import urllib.error
import urllib.request
from datetime import timedelta

from django.utils import timezone

from ticketing.models import Notice, WebhookDelivery
from ticketing.privacy import crypto
from ticketing.privacy.identity import opened

from . import senders

log = logging.getLogger(__name__)
BATCH = 50
MOST_TRIES = 8
LEASE = timedelta(minutes=2)


def _pause(tries: int) -> timedelta:
    """30 s, 1 min, 2 min … at most 6 h."""
    return min(timedelta(seconds=30 * 2**tries), timedelta(hours=6))


def send_waiting() -> int:
    """One batch of notices. The idempotency key goes along, so a gateway can drop a repeat after a crash."""
    now = timezone.now()
    rows = Notice.objects.filter(state="waiting", next_try_at__lte=now).order_by("next_try_at", "pk")
    sent = 0
    for notice in rows.select_related("ticket__identity", "staff", "department")[:BATCH]:
        taken = Notice.objects.filter(pk=notice.pk, state="waiting", next_try_at=notice.next_try_at)
        if taken.update(next_try_at=now + LEASE):
            sent += _send(notice)
    return sent


def _send(notice: Notice) -> int:
    sender, address = _means(notice)
    try:
        sender.send(address, notice.text, notice.key)
    except (OSError, ValueError) as error:
        tries = notice.tries + 1
        Notice.objects.filter(pk=notice.pk).update(
            tries=tries,
            error=type(error).__name__,
            means=sender.name,
            state="failed" if tries >= MOST_TRIES else "waiting",
            next_try_at=timezone.now() + _pause(tries),
        )
        log.warning("notice %s was not taken by %s (%s)", notice.pk, sender.name, type(error).__name__)
        return 0
    Notice.objects.filter(pk=notice.pk).update(
        state="sent", means=sender.name, sent_at=timezone.now(), tries=notice.tries + 1, error=""
    )
    return 1


def _means(notice: Notice) -> tuple[senders.Sender, str]:
    """SMS where the citizen left a phone, e-mail where an address is known, else the page."""
    sms, email = senders.sms(), senders.email()
    if notice.address_box and sms:
        return sms, crypto.open_box(notice.address_box)
    if notice.audience == "citizen" and notice.ticket is not None:
        person = opened(getattr(notice.ticket, "identity", None))
        if sms and person.phone:
            return sms, person.phone
        if email and person.email:
            return email, person.email
    if email and notice.staff is not None and notice.staff.email:
        return email, notice.staff.email
    return senders.OutboxPage(), ""


def signature(secret: str, body: str) -> str:
    """`sha256=` and the HMAC-SHA256 of the body under the webhook's secret."""
    return "sha256=" + hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


def post_webhooks() -> int:
    """One batch of webhook deliveries, oldest first per address."""
    now = timezone.now()
    rows = WebhookDelivery.objects.filter(delivered_at__isnull=True, next_try_at__lte=now, webhook__active=True)
    done = 0
    for delivery in rows.select_related("webhook").order_by("webhook_id", "outbox_id")[:BATCH]:
        taken = WebhookDelivery.objects.filter(pk=delivery.pk, next_try_at=delivery.next_try_at)
        if taken.update(next_try_at=now + LEASE):
            done += _post(delivery)
    return done


def _post(delivery: WebhookDelivery) -> int:
    secret = crypto.open_box(delivery.webhook.secret_box)
    headers = {
        "Content-Type": "application/json",
        "X-Hotline-Signature": signature(secret, delivery.body),
        "X-Hotline-Delivery": str(json.loads(delivery.body)["id"]),
    }
    request = urllib.request.Request(delivery.webhook.url, delivery.body.encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=senders.TIMEOUT_SECONDS):
            pass
    except (OSError, urllib.error.HTTPError, ValueError) as error:
        tries = delivery.tries + 1
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            tries=tries, error=type(error).__name__, next_try_at=timezone.now() + _pause(tries)
        )
        return 0
    WebhookDelivery.objects.filter(pk=delivery.pk).update(delivered_at=timezone.now(), error="")
    return 1
