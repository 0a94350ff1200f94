"""One hub per process looks at the tables and tells the sockets of this process; no broker, nothing to lose.

What a socket says is a hint (“look again”); pages fetch the truth. The hub asks every `LOOK_SECONDS` for four numbers;
only when they differ it reads the seats' versions and the newest journal rows. SQLite can say for next to nothing
whether anybody has written at all, so there it looks more often.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

from django.db import close_old_connections, connection
from django.utils import timezone

from telephony.console.board import SUMS, Board, changes, sums, waiting_and_seats
from telephony.models import CallEvent, SeatMessage, SeatState

log = logging.getLogger(__name__)
LOOK_SECONDS = {"sqlite": 0.01, "postgresql": 0.02}
EVERYBODY = "all"
BOARD_SECONDS = 0.05  # at most this often while things happen, and for no more than a fifth of the time
BOARD_SHARE = 4
BOARD_LONGEST = 1.0  # but no machine is so busy that the board may stand still for longer
BOARD_IDLE_SECONDS = 5.0
SUMS_SECONDS = 1.0  # the day's sums cost more with every call of the day and are counted no more often than this
#: grows with every change that a page could want to see
NUMBERS = f"""SELECT (SELECT max(id) FROM {CallEvent._meta.db_table}),
    (SELECT max(id) FROM {SeatMessage._meta.db_table}),
    (SELECT sum(version) FROM {SeatState._meta.db_table}), (SELECT count(*) FROM {SeatState._meta.db_table})"""


def data_version() -> tuple[object, int] | None:
    """A connection, and a number that changes for it with each commit of any other; None where the database has none.

    Source: sqlite.org, PRAGMA data_version: numbers of two connections say nothing about each other.
    """
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return connection.connection, cursor.fetchone()[0]


class Member(Protocol):
    """A socket of this process. `tell` never waits; False: the one before is not sent yet, this one was dropped."""

    def tell(self, text: str) -> bool: ...


@dataclass
class Look:
    """What was seen last."""

    versions: dict[str, int] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)  # call → extension
    event: int = -1
    message: int = -1
    numbers: tuple[int, ...] = ()
    written: tuple[object, int] | None = None

    def again(self) -> set[str]:
        """Extensions whose page should look again; `*` when anything happened at all, `all` for every page."""
        written = data_version()
        if written is not None and written == self.written:
            return set()
        changed = self._changed()
        self.written = written  # not before: a look that failed is made again
        return changed

    def _changed(self) -> set[str]:
        changed: set[str] = set()
        with connection.cursor() as cursor:
            cursor.execute(NUMBERS)
            numbers = cursor.fetchone()
        if numbers == self.numbers:
            return changed
        self.numbers = numbers
        rows = list(SeatState.objects.values_list("extension", "version", "call"))
        for extension, version, call in rows:
            if self.versions.get(extension) != version:
                changed.add(extension)
            self.versions[extension] = version
            if call:
                self.calls[call] = extension
        newest = SeatMessage.objects.order_by("-id").values_list("id", flat=True).first() or 0
        if newest > self.message >= 0:
            changed.add(EVERYBODY)
        self.message = newest
        if self.event < 0:
            self.event = CallEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
            return changed
        for pk, call in CallEvent.objects.filter(pk__gt=self.event).order_by("pk").values_list("pk", "call")[:2000]:
            self.event = pk
            changed.add("*")
            if call in self.calls:
                changed.add(self.calls[call])
        live = {call for _, _, call in rows if call}
        self.calls = {call: extension for call, extension in self.calls.items() if call in live}
        return changed


def fresh_board(kept: Board | None) -> Board:
    """In a worker thread, whose connection may have been closed by the server. `kept`: sums that still serve."""
    close_old_connections()
    now = timezone.now()
    return {"at": now.isoformat(), **waiting_and_seats(now), **(kept or sums(now))}


class Boards:
    """The boards' sockets: when the board is counted anew, and what of it each of them gets."""

    def __init__(self) -> None:
        self.members: set[Member] = set()
        self.current: set[Member] = set()  # have everything up to `last`
        self.last: Board | None = None
        self.stale, self.shown, self.pause = True, 0.0, BOARD_SECONDS
        self.sums: Board | None = None
        self.summed, self.sums_owed = 0.0, False  # when the sums were counted; whether they were kept through news
        self.counting: asyncio.Task[None] | None = None

    def leave(self, send: Member) -> None:
        self.members.discard(send)
        self.current.discard(send)

    def due(self) -> bool:
        if not self.members or (self.counting is not None and not self.counting.done()):
            return False
        age, wanted = time.monotonic() - self.shown, self.stale or len(self.members) > len(self.current)
        return (
            (wanted and age >= self.pause) or age >= BOARD_IDLE_SECONDS or (self.sums_owed and not self._sums_serve())
        )

    def _sums_serve(self) -> bool:
        return self.sums is not None and time.monotonic() - self.summed < SUMS_SECONDS

    async def count(self, event: int) -> None:
        """`event`: the newest journal row that is surely in it, so that anybody can tell how fresh a board is."""
        began, self.stale = time.monotonic(), False  # what changes while it counts is for the next one
        kept = self.sums if self._sums_serve() else None
        try:
            now = await asyncio.get_running_loop().run_in_executor(None, fresh_board, kept)
            self.sums_owed = kept is not None
            if kept is None:
                self.sums, self.summed = {part: now[part] for part in SUMS}, began
            self.show(now, event)
        except Exception:
            log.exception("the board could not be counted; it is tried again")
            self.stale = True
        self.shown = time.monotonic()
        self.pause = min(max(BOARD_SECONDS, BOARD_SHARE * (self.shown - began)), BOARD_LONGEST)

    def show(self, now: Board, event: int = 0) -> None:
        """The changes to who has the rest, everything to who has not; each text is made once."""
        head = {"type": "board", "at": now["at"], "event": event}
        news = changes(self.last, now) if self.last is not None else {}
        part = json.dumps({**head, **news}, ensure_ascii=False) if news else ""
        fresh = self.members if self.last is None else self.members - self.current
        whole = json.dumps({**head, "full": True, **now}, ensure_ascii=False) if fresh else ""
        for member in list(self.members):
            text = whole if member in fresh else part
            if text and not member.tell(text):
                self.current.discard(member)
            elif text:
                self.current.add(member)
        self.last = now


class Hub:
    """Fans out inside one process. Everything but `_watch` runs in the event loop."""

    def __init__(self) -> None:
        self.consoles: dict[str, set[Member]] = {}
        self.boards = Boards()
        self._over: threading.Event | None = None  # set: the watching thread goes

    def join(self, extension: str, send: Member) -> None:
        self.consoles.setdefault(extension, set()).add(send)
        self._awake()

    def join_board(self, send: Member) -> None:
        self.boards.members.add(send)
        self._awake()

    def leave(self, send: Member) -> None:
        self.boards.leave(send)
        for members in self.consoles.values():
            members.discard(send)
        if self._over is not None and not self.boards.members and not any(self.consoles.values()):
            self._over.set()
            self._over = None

    def _awake(self) -> None:
        if self._over is None:
            self._over, self.boards.last = threading.Event(), None
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._watch, args=(loop, self._over), name="hub", daemon=True).start()

    def _watch(self, loop: asyncio.AbstractEventLoop, over: threading.Event) -> None:
        """In a thread of its own: the loop, which has sockets and pages to serve, is only asked when there is news."""
        look = Look()
        pause = usual = LOOK_SECONDS[connection.vendor]
        while not over.wait(pause) and not loop.is_closed():
            pause = usual
            try:
                close_old_connections()
                changed = look.again()
                if changed or self.boards.due():
                    loop.call_soon_threadsafe(self._tell, changed, look.event)
            except Exception:
                log.exception("the hub's look failed; it goes on")
                pause = 1.0
        connection.close()

    def _tell(self, changed: set[str], event: int) -> None:
        """Hints never wait for a board: what rings comes first, and a board is much more to count."""
        self._hint(changed)
        self.boards.stale = self.boards.stale or bool(changed)
        if self.boards.due():
            self.boards.counting = asyncio.ensure_future(self.boards.count(event))

    def _hint(self, changed: set[str]) -> None:
        for extension in self.consoles if EVERYBODY in changed else changed:
            for member in list(self.consoles.get(extension, ())):
                member.tell('{"type":"changed"}')


HUB = Hub()
