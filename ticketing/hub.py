"""The hub: one per process, tails the outbox and tells the sockets of this process what changed.

What it says is a hint: pages ask the server again, and every page also polls, so a lost hint costs half a minute and
nothing else. It needs no broker: each process reads the same table. It works only while somebody listens.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from channels.db import database_sync_to_async

from ticketing.models import OutboxEntry
from ticketing.outbox import topics

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
#: more than this at once is told as one hint of everything
MOST = 500
#: on PostgreSQL a slow transaction commits a smaller id later: the last ids are looked at again
OVERLAP = 200


@dataclass(frozen=True)
class Hint:
    """An outbox entry in brief; `topic` "*" says that a lot changed."""

    topic: str
    key: str = ""
    payload: dict[str, Any] = field(default_factory=dict)


EVERYTHING = Hint("*")


@dataclass(frozen=True, eq=False)
class Listener:
    """`hear` runs in the event loop and must return at once."""

    hear: Callable[[Sequence[Hint]], None]
    topics: frozenset[str] = frozenset({topics.TICKET})


class Hub:
    """Listeners of one process; the reading starts with the first and ends with the last."""

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        self.poll_seconds = poll_seconds
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._last: int | None = None
        self._seen: deque[int] = deque(maxlen=4 * MOST)

    def join(self, listener: Listener) -> None:
        """Called inside the event loop."""
        self._listeners.add(listener)
        running = self._task is not None and not self._task.done()
        if not running or self._task is None or self._task.get_loop() is not asyncio.get_running_loop():
            self._last = None
            self._task = asyncio.get_running_loop().create_task(self._tail())

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _tail(self) -> None:
        while True:
            try:
                self.tell(await database_sync_to_async(self.read)())
            except Exception:
                log.exception("the hub could not read the outbox; it tries again")
            await asyncio.sleep(self.poll_seconds)

    def read(self) -> list[Hint]:
        """What came since the last reading; the first reading only notes where the outbox stands."""
        if self._last is None:
            self._start_here()
            return []
        rows = OutboxEntry.objects.filter(pk__gt=self._last - OVERLAP).order_by("pk")
        known = set(self._seen)
        entries = [
            row for row in rows.values_list("pk", "topic", "key", "payload")[: MOST + OVERLAP] if row[0] not in known
        ]
        if not entries:
            return []
        if len(entries) >= MOST:
            self._start_here()
            return [EVERYTHING]
        self._last = max(self._last or 0, entries[-1][0])
        self._seen.extend(row[0] for row in entries)
        return [Hint(topic, key, payload) for _, topic, key, payload in entries]

    def _start_here(self) -> None:
        self._last = OutboxEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        self._seen.extend(range(max(self._last - OVERLAP, 0), self._last + 1))

    def tell(self, hints: Sequence[Hint]) -> None:
        """Hands each listener what it wants; one that fails holds nobody else up."""
        for listener in list(self._listeners):
            wanted = [hint for hint in hints if hint is EVERYTHING or hint.topic in listener.topics]
            if not wanted:
                continue
            try:
                listener.hear(wanted)
            except Exception:
                log.exception("a listener of the hub failed")


HUB = Hub()
