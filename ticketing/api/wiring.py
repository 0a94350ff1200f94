"""Webhooks hear the outbox: each event of a key's tickets becomes one delivery per address."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.utils import timezone

from ticketing.api.keys import actor_of
from ticketing.models import OutboxEntry, Ticket, Webhook, WebhookDelivery
from ticketing.outbox import topics
from ticketing.outbox.reading import Listener, register


def connect() -> None:
    register(Listener("webhooks", hear, frozenset({topics.TICKET})))


def hear(entries: Sequence[OutboxEntry]) -> None:
    """Writes the deliveries; the same entry heard twice makes one (unique on webhook and entry)."""
    hooks = list(Webhook.objects.filter(active=True, api_key__active=True).select_related("api_key"))
    if not hooks:
        return
    tickets = Ticket.objects.filter(pk__in={entry.ticket_id for entry in entries})
    origins = {pk: (channel, source) for pk, channel, source in tickets.values_list("pk", "channel", "source")}
    now = timezone.now()
    rows = [
        WebhookDelivery(webhook=hook, outbox_id=entry.pk, body=body(entry), next_try_at=now)
        for entry in entries
        for hook in hooks
        if _wanted(hook, entry, origins.get(entry.ticket_id or 0, ("", "")))
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)


def _wanted(hook: Webhook, entry: OutboxEntry, origin: tuple[str, str]) -> bool:
    in_sight = actor_of(hook.api_key).owns_as_system(entry.payload["city"], *origin)
    return in_sight and (not hook.actions or entry.payload["action"] in hook.actions)


def body(entry: OutboxEntry) -> str:
    """The posted JSON; no personal data."""
    content = {
        "id": f"{entry.xid}-{entry.pk}",
        "number": entry.payload["number"],
        "seq": entry.payload["seq"],
        "action": entry.payload["action"],
        "from_status": entry.payload["from"],
        "status": entry.payload["status"],
        "at": entry.created_at.isoformat(),
    }
    return json.dumps(content, ensure_ascii=False)
