"""The anchor: journal heads written outside the database, so that a cut tail or a deleted ticket is found.

Every outbox batch appends one line per ticket it touched: `{"t": number, "s": seq, "m": mac}`, with a running HMAC
over the file (`"a"`), so that a line cannot be altered or taken out either. One file a month under `HOTLINE_ANCHORS`;
operators copy the folder to another machine or write-once medium (docs/operations.md).
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils import timezone

from ticketing.models import OutboxEntry
from ticketing.outbox import reading

from .chain import key

LISTENER = "anchor"


@dataclass(frozen=True)
class Head:
    """How far a ticket's journal had come when the anchor was written."""

    number: str
    seq: int
    mac: str


class AnchorBroken(Exception):
    """An anchor file was altered; the text names file and line."""


def folder() -> Path:
    return Path(settings.ANCHORS)


def append(heads: Sequence[Head]) -> None:
    """Adds the heads to this month's file and flushes it to the disk. One writer at a time (file lock)."""
    if not heads:
        return
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / f"{timezone.localdate():%Y-%m}.jsonl"
    with path.open("a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        previous = _mend(file)
        for head in heads:
            previous = _code(previous, head)
            file.write(json.dumps({"t": head.number, "s": head.seq, "m": head.mac, "a": previous}) + "\n")
        file.flush()


def _mend(file: IO[str]) -> str:
    """The code of the last whole line; half a line, left by a process killed while writing, is taken off."""
    size = file.seek(0, 2)
    if size == 0:
        return ""
    start = max(0, size - 4096)
    file.seek(start)
    tail = file.read()
    whole, newline, rest = tail.rpartition("\n")
    if rest:
        file.truncate(size - len(rest))
        file.seek(0, 2)
    if not newline:
        return ""
    return str(json.loads(whole.rpartition("\n")[2])["a"])


def _code(previous: str, head: Head) -> str:
    text = f"{previous}|{head.number}|{head.seq}|{head.mac}"
    return hmac.new(key(), b"anchor:" + text.encode(), hashlib.sha256).hexdigest()


def read() -> Iterator[Head]:
    """Every head in every file, oldest first; half a last line is not an alteration. Raises `AnchorBroken`."""
    for path in sorted(folder().glob("*.jsonl")):
        previous = ""
        lines = path.read_text(encoding="ascii").split("\n")
        for index, line in enumerate(lines[:-1], start=1):
            try:
                row = json.loads(line)
                head = Head(row["t"], row["s"], row["m"])
                given = row["a"]
            except (ValueError, KeyError, TypeError) as error:
                raise AnchorBroken(f"{path.name} line {index} is not an anchor line") from error
            previous = _code(previous, head)
            if not hmac.compare_digest(previous, str(given)):
                raise AnchorBroken(f"{path.name} line {index} was altered, or a line before it was taken out")
            yield head


def catch_up() -> None:
    """Writes every head that waits in the outbox, now. Another process that is at it goes on by itself."""
    for listener in reading.listeners():
        if listener.name == LISTENER:
            while reading.run(listener):
                pass


def hear(entries: Sequence[OutboxEntry]) -> None:
    """Outbox listener: the last head of each ticket in the batch. Hearing a batch twice adds the same heads again."""
    heads: dict[str, Head] = {}
    for entry in entries:
        if "mac" in entry.payload:
            number = str(entry.payload["number"])
            heads[number] = Head(number, int(entry.payload["seq"]), str(entry.payload["mac"]))
    append(list(heads.values()))
