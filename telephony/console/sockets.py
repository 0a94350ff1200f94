"""Sockets: the console's hint, the board, and the phone's signalling.

The phone's WebSocket goes through this process to Asterisk on loopback: same origin, same certificate, and only for
somebody who is logged in to a seat. Sound does not pass here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import websockets
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from directory.access import standing
from directory.models import Role, Staff
from telephony.console.hub import HUB
from telephony.models import SeatState

log = logging.getLogger(__name__)
REFUSED, TRY_LATER = 4403, 1013
OWN_SEND = "hotline.send"  # in the scope: the server's send beneath the session's, which only matters until `accept`


class Door(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Holds at most one text that is not sent yet: one slow page holds up nobody and gets no old news."""

    sending: asyncio.Future[None] | None = None

    def open(self) -> None:
        """After `accept`. The server's own send starts at once and tells when it is done: no task for each text."""
        self.send_now = self.scope.get(OWN_SEND, self.base_send)

    def tell(self, text: str) -> bool:
        if self.sending is not None and not self.sending.done():
            return False
        sending = self.send_now({"type": "websocket.send", "text": text})
        # servers whose send is a coroutine start when somebody waits for them
        self.sending = sending if hasattr(sending, "done") else asyncio.ensure_future(sending)
        return True

    async def disconnect(self, code: int) -> None:
        HUB.leave(self)


def _own_seat(user: Any) -> SeatState | None:
    if not isinstance(user, Staff):
        return None
    return SeatState.objects.filter(staff=user).exclude(token="").first()


def _leads(user: Any) -> bool:
    return isinstance(user, Staff) and standing(user).has(Role.SUPERVISOR)


def phone_url(node: str) -> str:
    """Where the Asterisk of a node has its WebSocket: HOTLINE_PHONE_URL is one address, or `NODE=ADDRESS` for each."""
    port = settings.ENV.number("PHONE_PORT", 8088, low=1, high=65535)
    named = settings.ENV.items("PHONE_URL") or [f"ws://127.0.0.1:{port}/ws"]
    by_node = dict(one.split("=", 1) for one in named if not one.startswith(("ws:", "wss:")) and "=" in one)
    return by_node.get(node) or next((one for one in named if one.startswith(("ws:", "wss:"))), "")


own_seat = database_sync_to_async(_own_seat)
leads = database_sync_to_async(_leads)


class ConsoleSocket(Door):
    """→ {"type":"changed"} whenever this seat's page should fetch its state again."""

    async def connect(self) -> None:
        seat = await own_seat(self.scope["user"])
        if seat is None:
            await self.close(REFUSED)
            return
        await self.accept()
        self.open()
        HUB.join(seat.extension, self)


class BoardSocket(Door):
    """→ {"type":"board","full":true, …} first, then {"type":"board", …} with what changed; see `board.changes`."""

    async def connect(self) -> None:
        if not await leads(self.scope["user"]):
            await self.close(REFUSED)
            return
        await self.accept()
        self.open()
        HUB.join_board(self)


async def unless(over: asyncio.Event, receive: Any) -> Any:
    """The next message of the page, or its end once `over` is set."""
    message, end = asyncio.ensure_future(receive()), asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait({message, end}, return_when=asyncio.FIRST_COMPLETED)
        return message.result() if message.done() else {"type": "websocket.disconnect", "code": TRY_LATER}
    finally:
        message.cancel()
        end.cancel()


class PhoneSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """SIP over WebSocket, passed on to the node's Asterisk for a logged-in seat.

    When Asterisk goes, the page's socket ends: a phone that nobody can ring must not look as if it could be.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Ends what the page sends when Asterisk is gone, then closes: Granian does not close a socket, and waits for
        ever, while anybody is still waiting for the page's next message."""
        self.gone = asyncio.Event()
        await super().__call__(scope, lambda: unless(self.gone, receive), send)
        if self.gone.is_set():
            with contextlib.suppress(RuntimeError):  # the page was quicker
                await send({"type": "websocket.close", "code": TRY_LATER})

    async def connect(self) -> None:
        seat = await own_seat(self.scope["user"])
        if "sip" not in self.scope.get("subprotocols", []) or seat is None:
            await self.close(REFUSED)
            return
        url = phone_url(seat.node)
        if not url:
            log.error("HOTLINE_PHONE_URL names no address for node %s", seat.node)
            await self.close(TRY_LATER)
            return
        try:
            self.upstream = await websockets.connect(
                url, subprotocols=[websockets.Subprotocol("sip")], open_timeout=5, ping_interval=None
            )
        except (OSError, websockets.WebSocketException, TimeoutError):
            await self.close(TRY_LATER)
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
        self.gone.set()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        message = text_data if text_data is not None else bytes_data
        if message is not None:
            with contextlib.suppress(websockets.WebSocketException):
                await self.upstream.send(message)

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "pump"):
            self.pump.cancel()
            await self.upstream.close()
