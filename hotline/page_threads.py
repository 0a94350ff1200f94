"""Pages over ASGI, each answered whole by one thread that lives on, with the database connection that it holds.

Django's own ASGI handler hops between the event loop and a thread at every middleware, a dozen times for a page, and
each hop waits for the interpreter's lock; its thread is new for each request and opens the database anew. Here the loop
reads what was sent, one thread does everything that Django does, the loop sends the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse
from django.urls import set_script_prefix

#: threads, and so database connections, of one process; more requests at once wait their turn. More than a page's
#: computing could use: an order to a bridge that is down waits eight seconds for it, and holds up nobody meanwhile
MOST = 64

Message = Mapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]


class Pages(ASGIHandler):
    """Django's handler with its synchronous chain of middleware, on kept threads."""

    def __init__(self, most: int = MOST) -> None:
        self.load_middleware(is_async=False)  # instead of Django's own, which would load the asynchronous one
        self.threads = ThreadPoolExecutor(most, thread_name_prefix="page")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served here, not {scope['type']}")
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        response = await asyncio.get_running_loop().run_in_executor(self.threads, self.answer, scope, body)
        if not response.streaming:
            await self.send_response(response, send)
            return
        try:
            response.streaming_content = self.blocks(iter(response.streaming_content))
            await self.send_response(response, send)
        finally:
            await asyncio.get_running_loop().run_in_executor(self.threads, response.close)

    def answer(self, scope: dict[str, Any], body: IO[bytes]) -> Any:
        """In a thread: from the bytes that came to the answer, closed already unless it is read while it is sent."""
        with body:
            set_script_prefix(get_script_prefix(scope))
            signals.request_started.send(sender=self.__class__, scope=scope)
            request, refused = self.create_request(scope, body)
            response: Any = refused if request is None else self.get_response(request)
            response._handler_class = self.__class__
            if isinstance(response, FileResponse):
                response.block_size = self.chunk_size
            if not response.streaming:
                response.close()
            return response

    async def blocks(self, content: Iterator[bytes]) -> AsyncIterator[bytes]:
        """What is read while it is sent, a file for example: one block after the other, each read in a thread."""
        loop = asyncio.get_running_loop()
        while (block := await loop.run_in_executor(self.threads, next, content, None)) is not None:
            yield block
