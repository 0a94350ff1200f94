"""The manager link in trouble: cut, black hole, overload, refusals. Nothing is sent twice, nothing hangs."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from telephony.ami import ActionRefused, ActionTimeout, Address, Down, Link, LinkDown, Message, Up
from tests.telephony.ami.fake import FakeManager, message, polite


def connected(server: FakeManager) -> None:
    deadline = time.monotonic() + 3
    while not server.clients and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)


@contextmanager
def started(server: FakeManager, **options: Any) -> Iterator[Link]:
    options = {"ping_seconds": 30, "answer_seconds": 1, "backoff": (0.02, 0.1), **options}
    link = Link(Address("127.0.0.1", server.port, "u", "s" * 32), **options)
    link.start()
    try:
        assert isinstance(link.events.get(timeout=3), Up)
        yield link
    finally:
        link.stop()


def next_message(link: Link, seconds: float = 3) -> Message:
    end = time.monotonic() + seconds
    while True:
        item = link.events.get(timeout=max(0.01, end - time.monotonic()))
        if isinstance(item, Message):
            return item


def until_up(link: Link, generation: int) -> None:
    while True:
        item = link.events.get(timeout=5)
        if isinstance(item, Up) and item.generation >= generation:
            return


def test_events_come_in_order() -> None:
    with FakeManager() as server, started(server) as link:
        for number in range(200):
            server.event(Event="E", N=str(number))
        assert [next_message(link).get("N") for _ in range(200)] == [str(n) for n in range(200)]


def test_a_cut_link_says_down_and_comes_back_with_a_new_generation() -> None:
    with FakeManager() as server, started(server) as link:
        server.cut()
        assert isinstance(link.events.get(timeout=3), Down)
        until_up(link, 2)
        assert link.healthy
        server.event(Event="Again")
        assert next_message(link).name == "Again"


def test_an_unanswered_ping_drops_the_link() -> None:
    """A black hole: the connection stands and nobody is there."""
    deaf = threading.Event()

    def answer(server: FakeManager, client: socket.socket, action: dict[str, str]) -> None:
        if not deaf.is_set():
            polite(server, client, action)

    with FakeManager(answer) as server, started(server, ping_seconds=0.1, answer_seconds=0.2) as link:
        deaf.set()
        down = link.events.get(timeout=3)
        assert isinstance(down, Down) and "ping" in down.reason
        deaf.clear()
        until_up(link, 2)


def test_an_action_whose_answer_is_lost_is_never_sent_again() -> None:
    def answer(server: FakeManager, client: socket.socket, action: dict[str, str]) -> None:
        if action["Action"] == "Originate":
            server.cut()
        else:
            polite(server, client, action)

    with FakeManager(answer) as server, started(server) as link:
        with pytest.raises(LinkDown):
            link.act("Originate", {"Channel": "PJSIP/1"})
        until_up(link, 2)
        time.sleep(0.1)
        assert [a["Action"] for a in server.seen].count("Originate") == 1


def test_a_silent_action_times_out_and_leaves_nothing_behind() -> None:
    def answer(server: FakeManager, client: socket.socket, action: dict[str, str]) -> None:
        if action["Action"] != "Slow":
            polite(server, client, action)

    with FakeManager(answer) as server, started(server, answer_seconds=0.1) as link:
        with pytest.raises(ActionTimeout, match="Slow"):
            link.act("Slow")
        assert link._pending == {}
        assert link.act("Ping").name == "Success"


def test_a_refusal_is_an_exception_with_asterisks_words() -> None:
    def answer(server: FakeManager, client: socket.socket, action: dict[str, str]) -> None:
        if action["Action"] == "Login":
            polite(server, client, action)
        else:
            client.sendall(message(Response="Error", ActionID=action["ActionID"], Message="No such channel"))

    with FakeManager(answer) as server, started(server) as link, pytest.raises(ActionRefused, match="No such channel"):
        link.act("Hangup", {"Channel": "x"})


def test_lists_are_collected_by_action_id() -> None:
    def answer(server: FakeManager, client: socket.socket, action: dict[str, str]) -> None:
        own = action["ActionID"]
        polite(server, client, action)
        if action["Action"] == "CoreShowChannels":
            client.sendall(message(Event="CoreShowChannel", ActionID=own, Channel="a"))
            client.sendall(message(Event="Newchannel", Channel="noise"))
            client.sendall(message(Event="CoreShowChannel", ActionID=own, Channel="b"))
            client.sendall(message(Event="CoreShowChannelsComplete", ActionID=own))

    with FakeManager(answer) as server, started(server) as link:
        rows = link.collect("CoreShowChannels", "CoreShowChannelsComplete")
        assert [row.get("Channel") for row in rows] == ["a", "b"]
        assert next_message(link).get("Channel") == "noise"


def test_a_full_queue_reconnects_instead_of_losing_in_silence() -> None:
    with FakeManager() as server, started(server, capacity=10) as link:
        for number in range(50):
            try:
                server.event(Event="E", N=str(number))
            except OSError:
                break
        deadline = time.monotonic() + 3
        while not link.overflows and time.monotonic() < deadline:
            time.sleep(0.01)
        assert link.overflows >= 1
        until_up(link, 2)


def test_a_wrong_password_is_tried_again_slowly_and_never_up() -> None:
    def answer(server: FakeManager, client: socket.socket, action: dict[str, str]) -> None:
        client.sendall(message(Response="Error", ActionID=action["ActionID"], Message="Authentication failed"))

    with FakeManager(answer) as server:
        link = Link(Address("127.0.0.1", server.port, "u", "s" * 32), backoff=(0.02, 0.05))
        link.start()
        with pytest.raises(queue.Empty):
            link.events.get(timeout=0.4)
        assert not link.healthy and len(server.seen) >= 2
        with pytest.raises(LinkDown):
            link.act("Ping")
        link.stop()


def test_the_address_is_parsed_strictly_and_hides_its_secret() -> None:
    found = Address.parse("ami://bridge:s%40crt@10.0.0.5:5039")
    assert (found.host, found.port, found.user, found.secret) == ("10.0.0.5", 5039, "bridge", "s@crt")
    assert "crt" not in repr(found)
    for wrong in ("http://u:s@h:1", "ami://h:1", "ami://u@h"):
        with pytest.raises(ValueError, match="ami://user:secret@host:port"):
            Address.parse(wrong)


def test_a_log_in_that_is_cut_is_tried_again_at_once() -> None:
    """A manager that dies takes the next connection into its backlog and then drops it: nobody waits for an answer."""
    times: list[str] = []

    def answer(server: FakeManager, client: socket.socket, action: dict[str, str]) -> None:
        times.append(action["Action"])
        if times.count("Login") == 1:
            server.cut()
        else:
            polite(server, client, action)

    with FakeManager(answer) as server, started(server) as link:
        assert link.healthy and times.count("Login") == 2
