"""Sockets of the desk: they say that something changed, never what; the page asks with its own rights."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from directory.models import Staff
from ticketing.errors import TicketNotFound
from ticketing.hub import EVERYTHING, HUB, Hint, Listener
from ticketing.lifecycle.actors import Actor, staff_actor
from ticketing.visibility import get

NO_LOGIN, NOT_FOUND = 4401, 4404
#: at most one hint per second and socket, however much happens
PAUSE_SECONDS = 1.0


class DeskConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """`→ {"type": "changed"}` when a ticket of mine (or the ticket in the address) changed. Reads nothing."""

    listener: Listener | None = None
    pending: asyncio.TimerHandle | None = None

    async def connect(self) -> None:
        user = self.scope.get("user")
        if not isinstance(user, Staff) or not user.is_active:
            await self.close(NO_LOGIN)
            return
        number = self.scope["url_route"]["kwargs"].get("number", "")
        try:
            actor = await database_sync_to_async(_actor)(user, number)
        except TicketNotFound:
            await self.close(NOT_FOUND)
            return
        await self.accept()
        self.actor, self.number = actor, number
        self.listener = Listener(self.hear)
        HUB.join(self.listener)

    async def disconnect(self, code: int) -> None:
        if self.pending is not None:
            self.pending.cancel()
        if self.listener is not None:
            HUB.leave(self.listener)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Nothing is asked through the socket."""

    def hear(self, hints: Sequence[Hint]) -> None:
        if self.pending is None and any(concerns(hint, self.actor, self.number) for hint in hints):
            self.pending = asyncio.get_running_loop().call_later(PAUSE_SECONDS / 4, self._send)

    def _send(self) -> None:
        self.pending = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._ready)
        self.sending = asyncio.ensure_future(self.send_json({"type": "changed"}))

    def _ready(self) -> None:
        self.pending = None


def _actor(user: Staff, number: str) -> Actor:
    actor = staff_actor(user, "desk")
    if number:
        get(actor, number)
    if actor.standing is not None:
        actor.standing.regions, actor.standing.departments  # noqa: B018 worked out here, where the database may be asked
    return actor


def concerns(hint: Hint, actor: Actor, number: str) -> bool:
    """Whether the change may be one that this person's page shows; too often is harmless."""
    if hint is EVERYTHING:
        return True
    payload = hint.payload
    if number:
        return bool(payload.get("number") == number)
    standing = actor.standing
    if standing is None:
        return False
    places = {payload.get("city"), payload.get("region")}
    return bool(places & standing.regions) or bool(set(payload.get("units") or ()) & standing.departments)
