"""Framing before decoding, and what may be sent."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ami.client import action
from telephony.ami.messages import LARGEST, BadField, Framer, Message

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
EVENTS = (
    BANNER
    + "Event: UserEvent\r\nText: 您好，河南\u2028郑州\r\nA: 1\r\n\r\n".encode()
    + b"Event: Hangup\r\nCause: 16\r\n\r\nResponse: Success\r\nActionID: x\r\nOutput: one\r\nOutput: two\r\n\r\n"
)


def read(chunks: list[bytes]) -> list[Message]:
    framer = Framer()
    return [message for chunk in chunks for message in framer.feed(chunk)]


@given(st.lists(st.integers(0, len(EVENTS)), max_size=12))
def test_any_cut_of_the_stream_gives_the_same_messages(cuts: list[int]) -> None:
    """Chinese characters lie across packet borders; none is lost."""
    edges = [0, *sorted(cuts), len(EVENTS)]
    found = read([EVENTS[a:b] for a, b in itertools.pairwise(edges)])
    assert found == read([EVENTS])
    assert [message.name for message in found[1:]] == ["UserEvent", "Hangup", "Success"]
    assert found[1].get("Text") == "您好，河南\u2028郑州"
    assert found[3].get("Output") == "one\ntwo"


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(junk: bytes) -> None:
    framer = Framer()
    list(framer.feed(BANNER + junk + b"\r\n\r\n"))
    assert [m.name for m in framer.feed(b"Event: Alive\r\n\r\n")][-1] == "Alive"


def test_a_message_without_end_is_dropped_and_the_next_is_read() -> None:
    framer = Framer()
    list(framer.feed(BANNER + b"Event: Endless\r\nX: " + b"x" * (LARGEST + 1)))
    assert framer.skipped == 1
    assert [m.name for m in framer.feed(b"\r\n\r\nEvent: Next\r\n\r\n")] == ["Next"]


@pytest.mark.parametrize("bad", ["1\r\nAction: Originate", "a\nb", "a\x00b", "a\u2028b", "a\x85b", "\x7f"])
def test_control_characters_are_refused_where_they_are_serialised(bad: str) -> None:
    with pytest.raises(BadField, match="Exten"):
        action("Originate", {"Exten": bad})
    with pytest.raises(BadField, match="V"):
        action("Originate", {}, {"V": bad})
    with pytest.raises(BadField):
        action(f"Ping{bad}", {})


def test_a_field_name_cannot_smuggle_either() -> None:
    with pytest.raises(BadField, match="field name"):
        action("Ping", {"A: b\r\nAction": "x"})
    assert str(action("Ping", {"ActionID": "1", "Skip": None})) == "Action: Ping\r\nActionID: 1\r\n"
