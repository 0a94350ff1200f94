"""From the outbox into the index: what changed is read again from the database and written.

An engine that does not answer puts the feed off; the outbox keeps the backlog and the feed takes it up again where it
stopped. An index that was lost (a new disk, a fresh cluster) is filled again by itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence

from ticketing.models import OutboxEntry, Ticket
from ticketing.outbox import topics
from ticketing.outbox.reading import Listener

from . import engines, sync, tickets, trees
from .documents import IndexOutdated, SearchUnavailable
from .engine import SearchEngine

log = logging.getLogger(__name__)
PAUSE_SECONDS = 5.0
_resume_at = 0.0
_outdated = False


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
    write(engines.tickets, TICKETS, ids)


def write(engine: Callable[[], SearchEngine], source: sync.Source, ids: Collection[int]) -> None:
    """Writes the documents `ids`. Raises `SearchUnavailable`, and leaves the engine alone for a while then.

    Nothing is written to an empty index as long as older documents are missing in it: it would never look lost again.
    """
    try:
        index = engine()
        if _empty(index) and any(key < min(ids) for key, _ in source.versions(0, 1)):
            raise IndexOutdated(f"the search index of {source.name} was lost; it is made again")
        index.upsert(source.documents(ids))
    except SearchUnavailable as error:
        put_off(error)
        raise


def _empty(index: SearchEngine) -> bool:
    """Whether nothing was ever written; what was written a moment ago may not be counted yet."""
    if index.count():
        return False
    index.refresh()
    return not index.count()


def put_off(error: SearchUnavailable) -> None:
    """Leaves the engine alone for a few seconds."""
    global _resume_at, _outdated
    _resume_at = time.monotonic() + PAUSE_SECONDS
    _outdated = isinstance(error, IndexOutdated)


LISTENER = Listener("search", hear, frozenset({topics.TICKET, topics.DIRECTORY}), atomic=False, ready=ready)


def watch() -> int:
    """Fills an index that was lost (empty although there are tickets) or that another version made.

    Returns how many documents were written.
    """
    return refill(engines.tickets, TICKETS)


def refill(engine: Callable[[], SearchEngine], source: sync.Source) -> int:
    """The same for any index. Does nothing while the engine does not answer."""
    global _outdated
    if not (ready() or _outdated):
        return 0
    try:
        if not lost(engine(), source):
            return 0
        log.warning("the search index of %s is lost or outdated; it is made again", source.name)
        written = sync.rebuild(engine(), source)
        _outdated = False
        return written
    except SearchUnavailable as error:
        put_off(error)
        log.warning("search: %s", error)
        return 0


def lost(engine: SearchEngine, source: sync.Source) -> bool:
    """An index without any document, or of another version, although there is something to find."""
    try:
        return not engine.count() and bool(source.count())
    except IndexOutdated:
        return True
