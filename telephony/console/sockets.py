"""Sockets: the console's hint, the board, and the phone's signalling.

The phone's WebSocket goes through this process to Asterisk on loopback: same origin, same certificate, and only for
somebody who is logged in to a seat. Sound does not pass here.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import websockets
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from directory.access import standing
from directory.models import Role, Staff
from telephony.console.hub import HUB
from telephony.models import SeatState

REFUSED = 4403
SLOW = 200  # unsent hints before a socket is dropped: its page polls


class Door(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Sends through a bounded queue, so that one slow page holds up nobody."""

    async def open(self) -> None:
        self.outgoing: asyncio.Queue[str] = asyncio.Queue(SLOW)
        self.writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while True:
            await self.send(text_data=await self.outgoing.get())

    def tell(self, text: str) -> None:
        try:
            self.outgoing.put_nowait(text)
        except asyncio.QueueFull:
            HUB.leave(self.tell)

    async def disconnect(self, code: int) -> None:
        HUB.leave(self.tell)
        if hasattr(self, "writer"):
            self.writer.cancel()


def _own_seat(user: Any) -> str:
    if not isinstance(user, Staff):
        return ""
    seat = SeatState.objects.filter(staff=user).exclude(token="").first()
    return seat.extension if seat else ""


def _leads(user: Any) -> bool:
    return isinstance(user, Staff) and standing(user).has(Role.SUPERVISOR)


own_seat = database_sync_to_async(_own_seat)
leads = database_sync_to_async(_leads)


class ConsoleSocket(Door):
    """→ {"type":"changed"} whenever this seat's page should fetch its state again."""

    async def connect(self) -> None:
        seat = await own_seat(self.scope["user"])
        if not seat:
            await self.close(REFUSED)
            return
        await self.accept()
        await self.open()
        HUB.join(seat, self.tell)


class BoardSocket(Door):
    """→ {"type":"board", …} as things happen."""

    async def connect(self) -> None:
        if not await leads(self.scope["user"]):
            await self.close(REFUSED)
            return
        await self.accept()
        await self.open()
        HUB.join_board(self.tell)


class PhoneSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """SIP over WebSocket, passed on to the node's Asterisk for a logged-in seat."""

    async def connect(self) -> None:
        if "sip" not in self.scope.get("subprotocols", []) or not await own_seat(self.scope["user"]):
            await self.close(REFUSED)
            return
        port = settings.ENV.number("PHONE_PORT", 8088, low=1, high=65535)
        url = settings.ENV.text("PHONE_URL", f"ws://127.0.0.1:{port}/ws")
        try:
            self.upstream = await websockets.connect(
                url, subprotocols=[websockets.Subprotocol("sip")], open_timeout=5, ping_interval=None
            )
        except (OSError, websockets.WebSocketException, TimeoutError):
            await self.close(1013)
            return
        await self.accept("sip")
        self.pump = asyncio.create_task(self._pump())

    async def _pump(self) -> None:
        with contextlib.suppress(websockets.WebSocketException):
            async for message in self.upstream:
                if isinstance(message, bytes):
                    await self.send(bytes_data=message)
                else:
                    await self.send(text_data=message)
        await self.close()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        message = text_data if text_data is not None else bytes_data
        if message is not None:
            with contextlib.suppress(websockets.WebSocketException):
                await self.upstream.send(message)

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "pump"):
            self.pump.cancel()
            await self.upstream.close()
