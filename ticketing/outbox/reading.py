"""Reading the outbox: each listener hears every entry at least once, and a ticket's entries in their order.

A listener's place is a window of transaction numbers. All entries older than every open transaction form the next
window; within it they are delivered by id. Two changes of one ticket are made under its lock, so the later one has the
higher id, and both lie in the same window or the later one in a later window.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from ticketing.models import OutboxCursor, OutboxEntry

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=30)
BATCH = 500
HOLDER = f"{socket.gethostname()}:{os.getpid()}"[:80]


@dataclass(frozen=True)
class Listener:
    """`hear(entries)` must be idempotent: after a crash it gets the last batch again. `topics`: what it wants.

    `atomic`: it writes to the database, in one transaction; one that writes elsewhere must not hold the database
    meanwhile. `ready`: asked first; False puts the batch off without counting a failure.
    """

    name: str
    hear: Callable[[Sequence[OutboxEntry]], None]
    topics: frozenset[str]
    atomic: bool = True
    ready: Callable[[], bool] | None = None


_LISTENERS: dict[str, Listener] = {}


def register(listener: Listener) -> None:
    """Called once per listener from an app's `ready()`."""
    _LISTENERS[listener.name] = listener


def listeners() -> list[Listener]:
    return list(_LISTENERS.values())


def horizon() -> int:
    """Every transaction with a smaller number has ended (PostgreSQL); on SQLite the number is always 0."""
    if connection.vendor != "postgresql":
        return 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _take(cursor: OutboxCursor) -> bool:
    """Takes the lease; False while a living process holds it."""
    now = timezone.now()
    free = OutboxCursor.objects.filter(Q(leased_by__in=("", HOLDER)) | Q(leased_until__lt=now), pk=cursor.pk)
    return bool(free.update(leased_by=HOLDER, leased_until=now + LEASE))


def next_batch(cursor: OutboxCursor) -> list[OutboxEntry]:
    """The next entries of the listener's window, moving the window on when it is used up (in memory)."""
    if connection.vendor != "postgresql":
        return list(OutboxEntry.objects.filter(pk__gt=cursor.last_id).order_by("pk")[:BATCH])
    window = OutboxEntry.objects.filter(xid__gte=cursor.low_xid, xid__lt=cursor.high_xid, pk__gt=cursor.last_id)
    found = list(window.order_by("pk")[:BATCH])
    if not found:
        cursor.low_xid, cursor.high_xid, cursor.last_id = cursor.high_xid, horizon(), 0
        found = list(
            OutboxEntry.objects.filter(xid__gte=cursor.low_xid, xid__lt=cursor.high_xid).order_by("pk")[:BATCH]
        )
    return found


def run(listener: Listener) -> int:
    """Delivers one batch; returns how many entries were passed over or delivered. An error is kept and tried again."""
    if listener.ready is not None and not listener.ready():
        return 0
    cursor, _ = OutboxCursor.objects.get_or_create(listener=listener.name)
    if not _take(cursor):
        return 0
    cursor.refresh_from_db()
    entries = next_batch(cursor)
    wanted = [entry for entry in entries if entry.topic in listener.topics]
    try:
        if wanted:
            with transaction.atomic() if listener.atomic else nullcontext():
                listener.hear(wanted)
    except Exception as error:
        log.exception("listener %s failed; the batch will be tried again", listener.name)
        OutboxCursor.objects.filter(pk=cursor.pk).update(
            failures=cursor.failures + 1, error=f"{type(error).__name__}"[:300], updated_at=timezone.now(), leased_by=""
        )
        return 0
    if entries:
        cursor.last_id = entries[-1].pk
    OutboxCursor.objects.filter(pk=cursor.pk).update(
        low_xid=cursor.low_xid,
        high_xid=cursor.high_xid,
        last_id=cursor.last_id,
        failures=0,
        error="",
        updated_at=timezone.now(),
        leased_by="",
    )
    return len(entries)


def drain(limit: int = 100_000) -> int:
    """Delivers everything there is now to every listener, at most `limit` entries each; for commands and tests."""
    total = 0
    for listener in listeners():
        done = 0
        while done < limit and (count := run(listener)):
            done += count
        total += done
    return total


def unheard(cursor: OutboxCursor | None) -> Q:
    """Entries behind a listener's place; all of them when it has none yet. An upper bound on PostgreSQL."""
    if cursor is None:
        return Q()
    if connection.vendor != "postgresql":
        return Q(pk__gt=cursor.last_id)
    window = Q(xid__gte=cursor.low_xid, xid__lt=cursor.high_xid, pk__gt=cursor.last_id)
    return window | Q(xid__gte=cursor.high_xid)


def lag() -> dict[str, int]:
    """How many entries each listener has not seen yet (an upper bound on PostgreSQL)."""
    places = {cursor.listener: cursor for cursor in OutboxCursor.objects.all()}
    newest = OutboxEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    found = {}
    for listener in listeners():
        place = places.get(listener.name)
        if connection.vendor != "postgresql":
            found[listener.name] = newest - (place.last_id if place else 0)
        else:
            found[listener.name] = OutboxEntry.objects.filter(unheard(place)).count()
    return found
