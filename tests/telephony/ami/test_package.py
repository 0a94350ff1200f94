"""Where the package asterisk-ami itself breaks: the reason for the replaced parts, and the proof that ours hold."""

from __future__ import annotations

import threading
import time

import pytest
from asterisk.ami import AMIClient, SimpleAction

from telephony.ami import Address, Link
from tests.telephony.ami.fake import FakeManager
from tests.telephony.ami.test_link import connected, next_message, started


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_package_dies_of_silence_and_ours_does_not() -> None:
    with FakeManager() as server:
        client = AMIClient("127.0.0.1", server.port, timeout=0.2)
        client.connect()
        client._thread.join(3)
        assert not client._thread.is_alive(), "the package's reader is dead after silence"
        with started(server) as link:
            time.sleep(0.5)
            server.event(Event="AfterSilence")
            assert next_message(link).name == "AfterSilence"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_package_dies_of_one_handlers_exception_and_ours_does_not() -> None:
    def boom(**_: object) -> None:
        raise ValueError("handler")

    with FakeManager() as server:
        client = AMIClient("127.0.0.1", server.port, timeout=2)
        client.add_listener(on_event=boom)
        client.connect()
        connected(server)
        server.event(Event="One")
        client._thread.join(3)
        assert not client._thread.is_alive()
        with started(server) as link:
            client_of_ours = link._client
            assert client_of_ours is not None
            real, client_of_ours._on_message = client_of_ours._on_message, boom
            server.event(Event="Bad")
            time.sleep(0.2)
            client_of_ours._on_message = real
            server.event(Event="Good")
            assert next_message(link).name == "Good"


def test_package_lets_a_value_become_a_second_action() -> None:
    with FakeManager() as server:
        client = AMIClient("127.0.0.1", server.port, timeout=2)
        client.connect()
        client.send_action(SimpleAction("Status", Channel="x\r\n\r\nAction: Originate"))
        deadline = time.monotonic() + 3
        while len(server.seen) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert [action["Action"] for action in server.seen] == ["Status", "Originate"]
        client.disconnect()


def test_package_loses_text_after_a_line_separator() -> None:
    """`splitlines` cuts a value at U+2028; ours keeps it (see test_messages)."""
    found: list[str] = []
    done = threading.Event()

    def note(event: object, **_: object) -> None:
        found.append(event.keys["Text"])  # type: ignore[attr-defined]
        done.set()

    with FakeManager() as server:
        client = AMIClient("127.0.0.1", server.port, timeout=2)
        client.add_listener(on_event=note)
        client.connect()
        connected(server)
        server.raw("Event: UserEvent\r\nText: 河南\u2028郑州\r\n\r\n".encode())
        assert done.wait(30) and found == ["河南"]
        client.disconnect()


def test_the_package_serialises_what_we_send() -> None:
    """Kept from the package: its actions and its login are what goes over the wire."""
    with FakeManager() as server, started(server) as link:
        link.act("QueuePause", {"Interface": "PJSIP/8001", "Paused": "true"})
        names = [action["Action"] for action in server.seen]
        assert names[:2] == ["Login", "QueuePause"]
        assert isinstance(link._client, AMIClient)
        assert isinstance(link, Link) and isinstance(link.address, Address)
