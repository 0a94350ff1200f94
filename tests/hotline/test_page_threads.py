"""A page is answered whole by one kept thread: nothing is lost on the way, and what waits holds up nobody else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core import signals
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from hotline.page_threads import Pages
from hotline.whole_cookies import with_whole_cookies

SERVED: list[int] = []
GATE = threading.Event()


def echo(request: HttpRequest) -> HttpResponse:
    SERVED.append(threading.get_ident())
    response = HttpResponse(request.body or request.get_host(), status=201)
    response.set_cookie("seen", "1")
    return response


def wait(request: HttpRequest) -> HttpResponse:
    SERVED.append(threading.get_ident())
    assert GATE.wait(60)
    return HttpResponse("waited")


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(BytesIO(b"0123456789" * 20_000), filename="a.bin")


def parts(request: HttpRequest) -> StreamingHttpResponse:
    def made() -> Iterator[bytes]:
        yield b"one"
        yield b""
        yield b"two"

    return StreamingHttpResponse(made())


def cookies(request: HttpRequest) -> HttpResponse:
    return HttpResponse("|".join(f"{name}={value}" for name, value in sorted(request.COOKIES.items())))


def fails(request: HttpRequest) -> HttpResponse:
    raise LookupError


urlpatterns = [path("echo", echo), path("wait", wait), path("file", file), path("parts", parts), path("fails", fails)]
urlpatterns.append(path("cookies", cookies))


class Client:
    """One request as a server would hand it over; remembers what was sent back."""

    def __init__(self, where: str, body: bytes = b"", gone: bool = False) -> None:
        method = "POST" if body else "GET"
        self.scope = {
            "type": "http", "method": method, "path": f"/{where}", "query_string": b"", "root_path": "",
            "headers": [(b"host", b"localhost"), (b"content-type", b"text/plain")],
        }  # fmt: skip
        half = len(body) // 2
        self.parts: list[dict[str, Any]] = [
            {"type": "http.request", "body": body[:half], "more_body": True},
            {"type": "http.disconnect"} if gone else {"type": "http.request", "body": body[half:]},
        ]
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return self.parts.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def ask(self, pages: Pages) -> Client:
        await pages(self.scope, self.receive, self.send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        assert not self.sent[-1].get("more_body"), "the answer has an end"
        return b"".join(one.get("body", b"") for one in self.sent[1:])


@pytest.fixture
def pages() -> Iterator[Pages]:
    SERVED.clear()
    GATE.clear()
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["localhost"], MIDDLEWARE=[]):
        made = Pages(most=2)
        yield made
        GATE.set()
        made.threads.shutdown()


async def test_what_came_reaches_the_page_and_its_answer_goes_back(pages: Pages) -> None:
    found = await Client("echo", "停水三天".encode()).ask(pages)
    assert (found.status, found.body.decode()) == (201, "停水三天")
    assert any(name == b"Set-Cookie" and b"seen=1" in value for name, value in found.sent[0]["headers"])


async def test_threads_are_kept(pages: Pages) -> None:
    for _ in range(6):
        await Client("echo").ask(pages)
    assert len(set(SERVED)) <= 2 and threading.get_ident() not in SERVED


async def test_more_than_there_are_threads_wait_and_none_is_lost(pages: Pages) -> None:
    asked = [asyncio.ensure_future(Client("wait").ask(pages)) for _ in range(5)]
    while len(SERVED) < 2:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert len(SERVED) == 2, "no third thread"
    GATE.set()
    assert [one.body for one in await asyncio.gather(*asked)] == [b"waited"] * 5
    assert len(set(SERVED)) == 2


@pytest.mark.parametrize(("where", "whole"), [("file", b"0123456789" * 20_000), ("parts", b"onetwo")])
async def test_what_is_read_while_it_is_sent_arrives_whole(pages: Pages, where: str, whole: bytes) -> None:
    found = await Client(where).ask(pages)
    assert found.body == whole


async def test_each_answer_is_closed_once(pages: Pages) -> None:
    ended: list[object] = []

    def end(**_: object) -> None:
        ended.append(threading.get_ident())

    signals.request_finished.connect(end)
    try:
        for where in ("echo", "file"):
            await Client(where).ask(pages)
    finally:
        signals.request_finished.disconnect(end)
    assert len(ended) == 2 and threading.get_ident() not in ended


async def test_a_page_that_fails_is_a_500_and_the_thread_lives(pages: Pages) -> None:
    assert (await Client("fails").ask(pages)).status == 500
    assert (await Client("nowhere").ask(pages)).status == 404
    assert (await Client("echo").ask(pages)).status == 201


async def test_who_leaves_while_sending_is_not_answered(pages: Pages) -> None:
    found = await Client("echo", b"half", gone=True).ask(pages)
    assert not found.sent and not SERVED


@pytest.mark.parametrize("fields", [["csrftoken=a; sessionid=b"], ["csrftoken=a", "sessionid=b"]])
async def test_cookies_in_several_fields_are_one(pages: Pages, fields: list[str]) -> None:
    """RFC 9113, 8.2.3: what Chromium does over HTTP/2."""
    asked = Client("cookies")
    asked.scope["headers"] = [(b"host", b"localhost"), *((b"cookie", field.encode()) for field in fields)]
    await with_whole_cookies(pages)(asked.scope, asked.receive, asked.send)
    assert asked.body == b"csrftoken=a|sessionid=b"


async def test_sockets_do_not_belong_here(pages: Pages) -> None:
    with pytest.raises(ValueError, match="websocket"):
        await pages({"type": "websocket"}, None, None)  # type: ignore[arg-type]
