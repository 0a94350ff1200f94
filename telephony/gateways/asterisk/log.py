"""A log of manager events for replay: only what the translator reads, and no citizen's number in it.

One JSON object a line, after a first line that says what this is. Numbers are replaced by invented ones, the same for
the same caller, so that a replay still shows who called twice.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from telephony.ami import Message
from telephony.gateways.asterisk.known import ANONYMOUS
from telephony.gateways.asterisk.normalise import HANDLERS
from ticketing.privacy.crypto import keyed_hash

FORMAT = {"format": "hotline-ami-log", "version": 1}
IDS = frozenset(
    {"Uniqueid", "Linkedid", "DestUniqueid", "Callid", "OrigTransfererLinkedid", "OrigTransfererUniqueid",
     "TransfereeLinkedid", "TransfererLinkedid", "TransfererUniqueid"}
)  # fmt: skip
KEPT = IDS | {
    "ActionID", "CallerIDNum", "Cause", "Channel", "Context", "DestChannel", "Exten", "Extension", "Interface", "Key",
    "Position", "Queue", "Rating", "Reason", "Response", "Result", "StateInterface", "Status", "Target", "Timestamp",
    "UserEvent",
}  # fmt: skip
#: ids and times have a dot beside their digits, a channel's serial has a dash before them
PHONE = re.compile(r"(?<![\d.-])\+?\d{7,15}(?![\d.])")


class BadLog(ValueError):
    """The file is no log of ours; the text names the line."""


def invented(number: str) -> str:
    """A number that nobody has, always the same for `number`."""
    return f"1380000{int(keyed_hash('phone', number)[:12], 16) % 10_000:04d}"


def masked(message: Message) -> dict[str, str]:
    keys = {key: value for key, value in message.keys.items() if key in KEPT}
    for key, value in keys.items():
        if key == "CallerIDNum":
            keys[key] = value if value.lower() in ANONYMOUS or len(value) < 7 else invented(value)
        elif key not in IDS and key not in ("Timestamp", "ActionID", "Key"):
            keys[key] = PHONE.sub(lambda found: invented(found[0]), value)
    return keys


class Recorder:
    """Appends to a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        new = not path.exists() or path.stat().st_size == 0
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8")
        if new:
            self._write(FORMAT)

    def __call__(self, message: Message) -> None:
        if message.kind == "Event" and message.name in HANDLERS:
            self._write({"name": message.name, "keys": masked(message)})

    def _write(self, content: dict[str, object]) -> None:
        self._file.write(json.dumps(content, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> Iterator[Message]:
    """The events of a log in their order. Raises `BadLog`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadLog(f"{path}: cannot be read ({type(error).__name__})") from error
    for number, line in enumerate(lines, 1):
        try:
            content = json.loads(line)
            if number == 1:
                if content != FORMAT:
                    raise BadLog(f"{path}: the first line must be {json.dumps(FORMAT)}")
                continue
            keys = {str(key): str(value) for key, value in content["keys"].items()}
            float(keys["Timestamp"])
            yield Message("Event", str(content["name"]), keys)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, BadLog):
                raise
            raise BadLog(f"{path}: line {number} is no event with a name, keys and a Timestamp") from error
    if not lines:
        raise BadLog(f"{path}: empty; the first line must be {json.dumps(FORMAT)}")
