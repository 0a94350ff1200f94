"""One hub per process looks at the tables and tells the sockets of this process; no broker, nothing to lose.

What a socket says is a hint (“look again”); pages fetch the truth. The hub asks every `LOOK_SECONDS` for four numbers;
only when they differ it reads the seats' versions and the newest journal rows.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

from telephony.console.board import Board, board, changes
from telephony.models import CallEvent, SeatMessage, SeatState

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.02
EVERYBODY = "all"
BOARD_SECONDS = 0.05  # at most this often while things happen, and never more than a fifth of this process's time
BOARD_SHARE = 4
BOARD_IDLE_SECONDS = 5.0
#: grows with every change that a page could want to see
NUMBERS = f"""SELECT (SELECT max(id) FROM {CallEvent._meta.db_table}),
    (SELECT max(id) FROM {SeatMessage._meta.db_table}),
    (SELECT sum(version) FROM {SeatState._meta.db_table}), (SELECT count(*) FROM {SeatState._meta.db_table})"""


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

    def again(self) -> set[str]:
        """Extensions whose page should look again; `*` when anything happened at all, `all` for every page."""
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


def _fresh(look: Callable[[], set[str]]) -> Callable[[], set[str]]:
    """`look` on a connection that still lives: a worker thread's may have been closed by the server."""

    def looked() -> set[str]:
        close_old_connections()
        return look()

    return looked


class Hub:
    """Fans out inside one process."""

    def __init__(self) -> None:
        self.consoles: dict[str, set[Member]] = {}
        self.boards: set[Member] = set()
        self.current: set[Member] = set()  # boards that have everything up to now
        self._task: asyncio.Task[None] | None = None

    def join(self, extension: str, send: Member) -> None:
        self.consoles.setdefault(extension, set()).add(send)
        self._awake()

    def join_board(self, send: Member) -> None:
        self.boards.add(send)
        self._awake()

    def leave(self, send: Member) -> None:
        self.boards.discard(send)
        self.current.discard(send)
        for members in self.consoles.values():
            members.discard(send)

    def _awake(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def needed(self) -> bool:
        return bool(self.boards) or any(self.consoles.values())

    async def _run(self) -> None:
        look, loop = Look(), asyncio.get_running_loop()
        shown, stale, pause = 0.0, True, BOARD_SECONDS
        last: Board | None = None
        while self.needed:
            try:
                changed = await sync_to_async(_fresh(look.again), thread_sensitive=False)()
                for extension in self.consoles if EVERYBODY in changed else changed:
                    for member in list(self.consoles.get(extension, ())):
                        member.tell('{"type":"changed"}')
                stale = stale or bool(changed)
                age = loop.time() - shown
                behind = len(self.boards) > len(self.current) and age >= pause
                if self.boards and ((stale and age >= pause) or behind or age >= BOARD_IDLE_SECONDS):
                    began = loop.time()
                    now = await sync_to_async(board, thread_sensitive=False)()
                    self._show(last, now, look.event)
                    last, shown, stale = now, loop.time(), False
                    pause = max(BOARD_SECONDS, BOARD_SHARE * (shown - began))
            except Exception:
                log.exception("the hub's look failed; it goes on")
                await asyncio.sleep(1)
            await asyncio.sleep(LOOK_SECONDS)

    def _show(self, last: Board | None, now: Board, event: int = 0) -> None:
        """The changes to who has the rest, everything to who has not; each text is made once.

        `event`: the newest journal row that is in it, so that anybody can tell how fresh a board is.
        """
        head = {"type": "board", "at": now["at"], "event": event}
        news = changes(last, now) if last is not None else {}
        part = json.dumps({**head, **news}, ensure_ascii=False) if news else ""
        fresh = self.boards if last is None else self.boards - self.current
        whole = json.dumps({**head, "full": True, **now}, ensure_ascii=False) if fresh else ""
        for member in list(self.boards):
            text = whole if member in fresh else part
            if text and not member.tell(text):
                self.current.discard(member)
            elif text:
                self.current.add(member)


HUB = Hub()
