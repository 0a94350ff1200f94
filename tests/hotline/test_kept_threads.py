"""Requests borrow threads that live on: in turn the same one, at once one each, and only some are kept."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from hotline import kept_threads


class Pages(kept_threads.Pages):
    """Instead of a page: which thread serves it."""

    def __init__(self) -> None:
        super().__init__()
        self.served: list[int] = []
        self.together = threading.Barrier(1)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await sync_to_async(self.work, thread_sensitive=True)()

    def work(self) -> None:
        self.served.append(threading.get_ident())
        self.together.wait(60)


async def ask(pages: Pages, count: int = 1) -> list[int]:
    pages.served = []
    pages.together = threading.Barrier(count)
    await asyncio.gather(*(pages({"type": "http"}, None, None) for _ in range(count)))
    return pages.served


async def test_requests_borrow_threads_and_give_them_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_threads, "KEPT", 2)
    pages = Pages()
    assert await ask(pages) == await ask(pages), "one after another on the same thread"
    assert len(set(await ask(pages, 3))) == 3, "at once on one each"
    assert len(pages.free) == 2, "what is too much goes"
    with pytest.raises(ValueError, match="websocket"):
        await pages({"type": "websocket"}, None, None)
    for thread in pages.free:
        thread.shutdown()
