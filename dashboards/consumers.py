"""The wallboard's socket: sends the figures when something changed, at most once a second, and a sign of life.

The page is correct without it: it asks `/figures/api/wall/` by itself as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from dashboards.access import Viewer, viewer_of
from dashboards.rollups.feed import TOPICS, catch_up
from dashboards.show import present
from directory.models import Staff
from ticketing.hub import HUB, Hint, Listener

NO_LOGIN, NOT_ALLOWED = 4401, 4403
PAUSE_SECONDS = 1.0
#: sent even when nothing changed, so that a dead line is noticed
BEAT_SECONDS = 15.0


class WallSocket(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """`→ {"type": "wall", "content": …}`, the content of `/figures/api/wall/`. Reads nothing."""

    listener: Listener | None = None
    task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        user = self.scope.get("user")
        if not isinstance(user, Staff) or not user.is_active:
            await self.close(NO_LOGIN)
            return
        who = await database_sync_to_async(viewer_of)(user)
        if who is None or not who.whole:
            await self.close(NOT_ALLOWED)
            return
        await self.accept()
        self.viewer: Viewer = who
        self.changed = asyncio.Event()
        self.listener = Listener(self.hear, TOPICS)
        HUB.join(self.listener)
        self.task = asyncio.get_running_loop().create_task(self._send())

    async def disconnect(self, code: int) -> None:
        if self.listener is not None:
            HUB.leave(self.listener)
        if self.task is not None:
            self.task.cancel()

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Nothing is asked through the socket."""

    def hear(self, hints: Sequence[Hint]) -> None:
        self.changed.set()

    async def _send(self) -> None:
        while True:
            content = await database_sync_to_async(read)(self.viewer)
            await self.send_json({"type": "wall", "content": content})
            if content["age"]["waiting"]:
                self.changed.set()  # somebody else is counting: look again in a second
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await asyncio.wait_for(self.changed.wait(), BEAT_SECONDS)
            except TimeoutError:
                continue
            finally:
                self.changed.clear()


def read(who: Viewer) -> dict[str, Any]:
    """The content now, after hearing what a worker has not got to yet."""
    catch_up()
    return present.wall(who.scope)
