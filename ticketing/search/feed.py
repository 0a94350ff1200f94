"""From the outbox into the index: what changed is read again from the database and written.

An engine that does not answer puts the feed off; the outbox keeps the backlog and the feed takes it up again where it
stopped. An index that was lost (a new disk, a fresh cluster) is filled again by itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from ticketing.models import OutboxEntry, Ticket
from ticketing.outbox import topics
from ticketing.outbox.reading import Listener

from . import engines, sync, tickets, trees
from .documents import SearchUnavailable

log = logging.getLogger(__name__)
PAUSE_SECONDS = 5.0
_resume_at = 0.0


def _versions(after: int, limit: int) -> list[tuple[int, int]]:
    return list(Ticket.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "version")[:limit])


TICKETS = sync.Source("tickets", tickets.documents, _versions, lambda: Ticket.objects.count())


def ready() -> bool:
    """Whether the engine may be asked again; False for a few seconds after it did not answer."""
    return time.monotonic() >= _resume_at


def hear(entries: Sequence[OutboxEntry]) -> None:
    """Writes the tickets of `entries` as they are now. Idempotent, and order-safe by the journal's version."""
    ids = {entry.ticket_id for entry in entries if entry.ticket_id is not None}
    if any(entry.topic == topics.DIRECTORY for entry in entries):
        trees.forget()
    if not ids:
        return
    try:
        engines.tickets().upsert(tickets.documents(ids))
    except SearchUnavailable:
        put_off()
        raise


def put_off() -> None:
    global _resume_at
    _resume_at = time.monotonic() + PAUSE_SECONDS


LISTENER = Listener("search", hear, frozenset({topics.TICKET, topics.DIRECTORY}), atomic=False, ready=ready)


def watch() -> int:
    """Fills an index that was lost: empty although there are tickets. Returns how many documents were written."""
    if not ready():
        return 0
    try:
        engine = engines.tickets()
        if engine.count() or not Ticket.objects.exists():
            return 0
        log.warning("the search index is empty although there are tickets; it is filled again")
        return sync.rebuild(engine, TICKETS)
    except SearchUnavailable as error:
        put_off()
        log.warning("search: %s", error)
        return 0
