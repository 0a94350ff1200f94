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


class Door(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Holds at most one text that is not sent yet: one slow page holds up nobody and gets no old news."""

    async def open(self) -> None:
        self.pending: str | None = None
        self.wake = asyncio.Event()
        self.writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while True:
            await self.wake.wait()
            self.wake.clear()
            text, self.pending = self.pending, None
            if text is not None:
                await self.base_send({"type": "websocket.send", "text": text})

    def tell(self, text: str) -> bool:
        if self.pending is not None:
            return False
        self.pending = text
        self.wake.set()
        return True

    async def disconnect(self, code: int) -> None:
        HUB.leave(self)
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
        HUB.join(seat, self)


class BoardSocket(Door):
    """→ {"type":"board","full":true, …} first, then {"type":"board", …} with what changed; see `board.changes`."""

    async def connect(self) -> None:
        if not await leads(self.scope["user"]):
            await self.close(REFUSED)
            return
        await self.accept()
        await self.open()
        HUB.join_board(self)


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
