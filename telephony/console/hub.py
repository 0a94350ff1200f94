"""One hub per process looks at the tables and tells the sockets of this process; no broker, nothing to lose.

What a socket says is a hint (“look again”); pages fetch the truth. The hub looks every `LOOK_SECONDS` at two small
things: the seats' versions and the newest journal rows.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from telephony.console.board import board
from telephony.models import CallEvent, SeatState

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.04
BOARD_SECONDS = 0.25  # at most this often while things happen
BOARD_IDLE_SECONDS = 2.0
Send = Callable[[str], None]


@dataclass
class Look:
    """What was seen last."""

    versions: dict[str, int] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)  # call → extension
    event: int = -1

    def again(self) -> set[str]:
        """Extensions whose page should look again; `*` when anything happened at all."""
        close_old_connections()
        changed: set[str] = set()
        rows = list(SeatState.objects.values_list("extension", "version", "call"))
        for extension, version, call in rows:
            if self.versions.get(extension) != version:
                changed.add(extension)
            self.versions[extension] = version
            if call:
                self.calls[call] = extension
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


class Hub:
    """Fans out inside one process."""

    def __init__(self) -> None:
        self.consoles: dict[str, set[Send]] = {}
        self.boards: set[Send] = set()
        self._task: asyncio.Task[None] | None = None

    def join(self, extension: str, send: Send) -> None:
        self.consoles.setdefault(extension, set()).add(send)
        self._awake()

    def join_board(self, send: Send) -> None:
        self.boards.add(send)
        self._awake()

    def leave(self, send: Send) -> None:
        self.boards.discard(send)
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
        shown, stale = 0.0, True
        while self.needed:
            try:
                changed = await sync_to_async(look.again, thread_sensitive=False)()
                for extension in changed - {"*"}:
                    self._tell(self.consoles.get(extension, set()), '{"type":"changed"}')
                stale = stale or bool(changed)
                age = loop.time() - shown
                if self.boards and ((stale and age >= BOARD_SECONDS) or age >= BOARD_IDLE_SECONDS):
                    text = json.dumps({"type": "board", **await sync_to_async(board, thread_sensitive=False)()})
                    self._tell(self.boards, text)
                    shown, stale = loop.time(), False
            except Exception:
                log.exception("the hub's look failed; it goes on")
                await asyncio.sleep(1)
            await asyncio.sleep(LOOK_SECONDS)

    def _tell(self, members: set[Send], text: str) -> None:
        for send in list(members):
            send(text)


HUB = Hub()
