"""Pages over ASGI on threads that live on, with the database connections that they hold.

Django gives each ASGI request a new thread of its own, which opens the database anew: about as much work as the page.
Here a request borrows a thread; requests at once still have one each.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.core.handlers.asgi import ASGIHandler

#: idle threads (and connections) kept; a crowd may use more for as long as it lasts
KEPT = 8


class Pages(ASGIHandler):
    """Django's handler, on borrowed threads. Only its event loop touches the list of free ones."""

    def __init__(self) -> None:
        super().__init__()
        self.free: list[ThreadPoolExecutor] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served here, not {scope['type']}")
        thread = self.free.pop() if self.free else ThreadPoolExecutor(1, thread_name_prefix="page")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)
        finally:
            if len(self.free) < KEPT:
                self.free.append(thread)
            else:
                thread.submit(_close)
                thread.shutdown(wait=False)


def _close() -> None:
    """In the thread that goes: its connections go with it."""
    from django.db import connections

    connections.close_all()
