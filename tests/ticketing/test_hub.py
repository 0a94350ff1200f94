"""The hub and the desk's sockets: hints to those they concern, to nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from django.db import connections

from tests.city import City
from ticketing import consumers, hub
from ticketing.hub import EVERYTHING, Hint, Hub, Listener
from ticketing.routing import websocket_urlpatterns


def test_the_first_reading_only_notes_where_the_outbox_stands(city: City) -> None:
    city.dispatched()
    fresh = Hub()
    assert fresh.read() == []
    ticket = city.report()
    hints = fresh.read()
    assert [hint.payload["number"] for hint in hints] == [ticket.number]
    assert fresh.read() == []


def test_a_lot_at_once_is_one_hint(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST", 2)
    fresh = Hub()
    fresh.read()
    for _ in range(3):
        city.report()
    assert fresh.read() == [EVERYTHING]
    assert fresh.read() == []


def test_a_late_smaller_id_is_not_jumped_over(city: City) -> None:
    """On PostgreSQL a transaction that began earlier may commit later."""
    from django.utils import timezone

    from ticketing.models import OutboxEntry

    city.report()
    fresh = Hub()
    fresh.read()
    newest = OutboxEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    OutboxEntry.objects.create(pk=newest + 2, topic="ticket", payload={"number": "b"}, created_at=timezone.now())
    assert [hint.payload["number"] for hint in fresh.read()] == ["b"]
    OutboxEntry.objects.create(pk=newest + 1, topic="ticket", payload={"number": "a"}, created_at=timezone.now())
    assert [hint.payload["number"] for hint in fresh.read()] == ["a"]


def test_a_failing_listener_holds_nobody_up() -> None:
    heard: list[Hint] = []

    def fail(hints: Sequence[Hint]) -> None:
        raise RuntimeError

    fresh = Hub()
    fresh._listeners = {Listener(fail), Listener(heard.extend), Listener(heard.extend, frozenset({"call"}))}
    fresh.tell([Hint("ticket")])
    assert heard == [Hint("ticket")]


def test_hints_concern_region_and_unit(city: City) -> None:
    ticket = city.dispatched()
    payload = {"number": ticket.number, "city": "410100", "region": "410102", "units": [city.unit["lights"].pk]}
    hint = Hint("ticket", payload=payload)
    concerned = {name for name in city.staff if consumers.concerns(hint, city.actor(name), "")}
    assert {"agent", "dispatcher", "checker", "supervisor", "handler", "colleague", "head"} <= concerned
    assert not concerned & {"stranger", "water", "crew", "far_dispatcher", "far_handler", "window"}
    assert consumers.concerns(EVERYTHING, city.actor("stranger"), "")
    assert consumers.concerns(hint, city.actor("dispatcher"), ticket.number)
    assert not consumers.concerns(hint, city.actor("dispatcher"), "000000000000000000")


class Socket:
    """A browser's end of one socket."""

    def __init__(self, address: str, user: object) -> None:
        application: Any = URLRouter(websocket_urlpatterns)
        scope = {"type": "websocket", "path": address, "headers": [], "subprotocols": [], "user": user}
        self.wire = ApplicationCommunicator(application, scope)

    async def open(self) -> int | None:
        """None when accepted, else the code it was closed with."""
        await self.wire.send_input({"type": "websocket.connect"})
        answer = await self.wire.receive_output(timeout=5)
        return None if answer["type"] == "websocket.accept" else int(answer["code"])

    async def next(self) -> object:
        return json.loads((await self.wire.receive_output(timeout=5))["text"])

    async def close(self) -> None:
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wire.wait(timeout=5)


@pytest.mark.django_db(transaction=True)
async def test_a_change_reaches_the_desk_and_the_ticket_page(real_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "HUB", Hub(poll_seconds=0.05))
    ticket = await database_sync_to_async(real_city.dispatched)()
    desk = Socket("/ws/desk/", real_city.staff["dispatcher"])
    page = Socket(f"/ws/desk/{ticket.number}/", real_city.staff["handler"])
    far = Socket("/ws/desk/", real_city.staff["far_dispatcher"])
    for socket in (desk, page, far):
        assert await socket.open() is None
    await asyncio.sleep(0.3)
    from ticketing.lifecycle.actions.handling import Sign
    from ticketing.lifecycle.engine import act

    actor = await database_sync_to_async(real_city.actor)("handler")
    await database_sync_to_async(act)(ticket.pk, Sign(), actor=actor)
    assert await desk.next() == {"type": "changed"}
    assert await page.next() == {"type": "changed"}
    assert await far.wire.receive_nothing(timeout=0.3)
    for socket in (desk, page, far):
        await socket.close()
    await database_sync_to_async(connections.close_all)()  # the worker thread's own: it would outlive the test


@pytest.mark.django_db(transaction=True)
async def test_no_socket_for_strangers(real_city: City) -> None:
    from django.contrib.auth.models import AnonymousUser

    ticket = await database_sync_to_async(real_city.dispatched)()
    nobody = Socket("/ws/desk/", AnonymousUser())
    assert await nobody.open() == consumers.NO_LOGIN
    stranger = Socket(f"/ws/desk/{ticket.number}/", real_city.staff["stranger"])
    assert await stranger.open() == consumers.NOT_FOUND
    await database_sync_to_async(connections.close_all)()
