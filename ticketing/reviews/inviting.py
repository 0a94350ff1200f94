"""Asking for the review by SMS: after a ticket was closed, when nobody has rated its handling yet.

Which links are sent is the setting RATING_SMS: none, handling, calls or both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from ticketing.lifecycle.table import Action
from ticketing.models import OutboxEntry, TicketEvent
from ticketing.notify.telling import tell
from ticketing.privacy.crypto import seal

from . import points
from .listening import handling_key
from .models import Review
from .terms import ReviewKind

HANDLING = frozenset({"handling", "both"})
CALLS = frozenset({"calls", "both"})
FRESH = timedelta(days=2)  # history that is imported, or heard very late, asks nobody


def hear(entries: Sequence[OutboxEntry]) -> None:
    """One invitation for each closing that was not rated in the call-back. Hearing one twice changes nothing."""
    if settings.RATING_SMS not in HANDLING:
        return
    ids = [entry.event_id for entry in entries if entry.payload.get("action") == Action.CLOSE and entry.event_id]
    for event in TicketEvent.objects.select_related("ticket__identity").filter(pk__in=ids).order_by("pk"):
        identity = getattr(event.ticket, "identity", None)
        if identity is None or not identity.phone_box or timezone.now() - event.at > FRESH:
            continue
        if event.ticket.history or event.ticket.satisfaction is not None:
            continue
        key = handling_key(event)
        if Review.objects.filter(kind=ReviewKind.HANDLING, key=key).exists():
            continue
        text = f"您反映的{event.ticket.number}号事项已办结，请评价办理情况：{points.link(event.ticket)}【12345】"
        _invite(f"rate:{key}", text, event.at, ticket_id=event.ticket_id)


def of_call(call: str, phone: str, now: datetime) -> bool:
    """The link to rate a call (一次一评) whose caller pressed no key. True when it is a new invitation."""
    if Review.objects.filter(kind=ReviewKind.CALL, key=call).exists():
        return False
    text = f"感谢您拨打12345，请为本次通话服务打分：{points.call_link(call)}【12345】"
    return _invite(f"rate-call:{call}"[:120], text, now, address_box=seal(phone))


def _invite(key: str, text: str, now: datetime, **more: object) -> bool:
    defaults = {
        "audience": "citizen", "means": "sms", "template": "rate", "text": text, "created_at": now,
        "next_try_at": timezone.now(), **more,
    }  # fmt: skip
    return tell(key=key, **defaults)[1]
