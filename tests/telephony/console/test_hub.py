"""The hub's own thread: a change reaches its page and the boards, and the thread ends with its last socket."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone

from telephony.console import hub as hubs
from telephony.console.hub import Hub
from telephony.models import SeatState

pytestmark = pytest.mark.django_db(transaction=True)


class Socket:
    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def tell(self, text: str) -> bool:
        self.told.append(json.loads(text))
        return True


def seat(number: str) -> SeatState:
    return SeatState.objects.create(extension=number, node="default", mode="ready", since=timezone.now())


def ring(number: str) -> None:
    row = SeatState.objects.get(extension=number)
    SeatState.objects.filter(pk=row.pk).update(mode="ringing", version=row.version + 1)


async def until(condition: Callable[[], bool], again: Callable[[], Awaitable[Any]] | None = None) -> None:
    """Waits for the other thread; `again` is done now and then, because its first look only sets where news begin."""
    for turn in range(3000):
        if condition():
            return
        if again is not None and turn % 50 == 49:
            await again()
        await asyncio.sleep(0.01)
    raise AssertionError("not within half a minute")


def watching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "hub"]


async def test_a_change_reaches_its_page_and_every_board() -> None:
    await sync_to_async(seat)("8001")
    await sync_to_async(seat)("8002")
    hub, page, other, board = Hub(), Socket(), Socket(), Socket()
    hub.join("8001", page)
    hub.join("8002", other)
    hub.join_board(board)
    await until(lambda: bool(board.told))
    assert board.told[0]["full"] and len(watching()) == 1
    page.told, other.told = [], []

    await until(lambda: bool(page.told), lambda: sync_to_async(ring)("8001"))
    assert page.told[0] == {"type": "changed"} and not other.told
    await until(lambda: any(row["mode"] == "ringing" for told in board.told for row in told.get("seats", ())))

    for socket in (page, other, board):
        hub.leave(socket)
    await until(lambda: not watching())
    hub.join("8001", page)
    assert len(watching()) == 1, "whoever comes later is told again"
    hub.leave(page)
    await until(lambda: not watching())
    await asyncio.get_running_loop().run_in_executor(None, connections.close_all)  # the counting thread's


async def test_a_look_that_fails_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = []
    real = hubs.Look.again

    def again(look: hubs.Look) -> set[str]:
        if not failed:
            failed.append(True)
            raise OSError("the database is being restarted")
        return real(look)

    monkeypatch.setattr(hubs.Look, "again", again)
    await sync_to_async(seat)("8001")
    hub, page = Hub(), Socket()
    hub.join("8001", page)
    await until(lambda: bool(page.told), lambda: sync_to_async(ring)("8001"))
    assert failed
    hub.leave(page)
    await until(lambda: not watching())
