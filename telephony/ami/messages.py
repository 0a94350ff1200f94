"""Bytes to messages, without sockets: frame first, decode after, skip what is broken."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)
LARGEST = 1 << 20  # bytes of one message; a manager message is a few kB
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
KEY = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")


class BadField(ValueError):
    """A field of an action holds what would change the action itself."""


class LinkDown(ConnectionError):
    """There is no working manager link; the action was not carried out or its outcome is unknown. Not re-sent."""


class ActionTimeout(TimeoutError):
    """Asterisk did not answer in time; whether it acted is unknown. Not re-sent."""


class ActionRefused(RuntimeError):
    """Asterisk answered with an error; `str()` is its text."""


@dataclass(frozen=True, slots=True)
class Message:
    """One response or event. Keys as sent; of repeated keys the last counts, except `Output` (joined by newlines)."""

    kind: str  # "Event", "Response" or "" (a banner or junk)
    name: str
    keys: Mapping[str, str] = field(default_factory=dict)

    def get(self, key: str, default: str = "") -> str:
        return self.keys.get(key, default)


class Framer:
    """Collects bytes; yields whole messages. A message that cannot be read is skipped and logged, never fatal."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._banner = False
        self.skipped = 0

    def feed(self, data: bytes) -> Iterator[Message]:
        self._data += data
        if not self._banner:
            end = self._data.find(b"\r\n")
            if end < 0:
                return
            yield Message("", self._data[:end].decode("utf-8", "replace"))
            del self._data[: end + 2]
            self._banner = True
        start = 0
        while (end := self._data.find(b"\r\n\r\n", start)) >= 0:
            message = self._read(bytes(self._data[start:end]))
            start = end + 4
            if message is not None:
                yield message
        del self._data[:start]
        if len(self._data) > LARGEST:
            log.error("manager message larger than %d bytes dropped", LARGEST)
            self._data.clear()
            self.skipped += 1

    def _read(self, block: bytes) -> Message | None:
        keys: dict[str, str] = {}
        kind = name = ""
        for index, line in enumerate(block.lstrip(b"\r\n").split(b"\r\n")):
            raw_key, found, raw_value = line.partition(b":")
            if not found:
                continue
            key = raw_key.decode("ascii", "replace").strip()
            value = raw_value.decode("utf-8", "replace").strip()
            if index == 0:
                kind, name = key, value
            elif key == "Output" and key in keys:
                keys[key] += "\n" + value
            else:
                keys[key] = value
        if kind not in ("Event", "Response"):
            self.skipped += 1
            log.warning("skipped a manager message of %d bytes that is neither event nor response", len(block))
            return None
        return Message(kind, name, keys)


def checked(key: str, value: object) -> tuple[str, str]:
    """A field fit to be sent, or `BadField`: a line break in a number would be a second action."""
    text = str(value)
    if not KEY.match(key):
        raise BadField(f"field name {key!r}: letters, digits, '-' and '_' are accepted")
    if CONTROL.search(text):
        raise BadField(f"field {key}: control characters and line separators are not accepted")
    return key, text


def checked_variable(name: str, value: object) -> tuple[str, str]:
    text = str(value)
    if not re.match(r"^[A-Za-z_][A-Za-z0-9_()]*$", name):
        raise BadField(f"variable name {name!r}: letters, digits and '_' are accepted")
    if CONTROL.search(text):
        raise BadField(f"variable {name}: control characters and line separators are not accepted")
    return name, text
