"""Slow chores: archiving what ended long ago, and clearing the outbox of what every listener has heard."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from ticketing.lifecycle.actions.checking import Archive
from ticketing.lifecycle.actors import SYSTEM
from ticketing.lifecycle.engine import act_many
from ticketing.models import OutboxCursor, OutboxEntry, Ticket
from ticketing.outbox import reading
from ticketing.terms import ENDED, Status

BATCH = 200
KEEP_OUTBOX = timedelta(days=7)


def archive() -> int:
    """Archives one batch of tickets that ended more than `ARCHIVE_DAYS` ago."""
    before = timezone.now() - timedelta(days=settings.ARCHIVE_DAYS)
    ended = [status for status in ENDED if status != Status.ARCHIVED]
    rows = Ticket.objects.filter(status__in=ended, closed_at__lt=before).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    outcomes = act_many(ids, Archive(), actor=SYSTEM, skip_locked=True) if ids else []
    return sum(outcome.error is None for outcome in outcomes)


def prune_outbox() -> int:
    """Deletes old entries that lie before every listener's place. The journal keeps what happened."""
    names = [listener.name for listener in reading.listeners()]
    places = list(OutboxCursor.objects.filter(listener__in=names))
    if not places or len(places) < len(names):
        return 0
    old = OutboxEntry.objects.filter(created_at__lt=timezone.now() - KEEP_OUTBOX)
    if connection.vendor == "postgresql":
        old = old.filter(xid__lt=min(place.low_xid for place in places))
    else:
        old = old.filter(pk__lte=min(place.last_id for place in places))
    ids = list(old.order_by("pk").values_list("pk", flat=True)[:2000])
    return OutboxEntry.objects.filter(pk__in=ids).delete()[0] if ids else 0
