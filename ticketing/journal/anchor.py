"""The anchor: journal heads written outside the database, so that a cut tail or a deleted ticket is found.

Every outbox batch appends one line per ticket it touched: `{"t": number, "s": seq, "m": mac}`, with a running HMAC
over the file (`"a"`), so that a line cannot be altered or taken out either. One file a month under `HOTLINE_ANCHORS`;
the first line of a file names the file before it (`"p"`) and goes on from its last code, so that none can be taken out.
How far the newest file has come stands in the database too (`ticketing.journal.marks`). Operators copy the folder to
another machine or write-once medium (docs/operations.md).
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils import timezone

from ticketing.models import OutboxEntry
from ticketing.outbox import reading

from . import marks
from .chain import key

LISTENER = "anchor"


@dataclass(frozen=True)
class Head:
    """How far a ticket's journal had come when the anchor was written."""

    number: str
    seq: int
    mac: str


@dataclass
class Anchors:
    """What the files say: each ticket's newest head, and what is wrong with the files themselves."""

    heads: dict[str, Head] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


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
        previous, before = _mend(file), marks.Place(path.name, file.seek(0, 2), "")
        before = marks.Place(path.name, before.size, previous)
        earlier = _before(path) if not previous else None
        if earlier is not None:
            previous = _last_code(earlier)
        for head in heads:
            previous = _code(previous, head, earlier.stem if earlier else "")
            line = {"t": head.number, "s": head.seq, "m": head.mac, "a": previous}
            file.write(json.dumps(line | ({"p": earlier.stem} if earlier else {})) + "\n")
            earlier = None
        file.flush()
        marks.move(before, marks.Place(path.name, file.tell(), previous))


def _before(path: Path) -> Path | None:
    """The newest file that is older than this one."""
    return max((other for other in folder().glob("*.jsonl") if other.name < path.name), default=None)


def _last_code(path: Path) -> str:
    with path.open("rb") as file:
        return marks.code_at(file, path.stat().st_size)


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


def _code(previous: str, head: Head, file_before: str = "") -> str:
    text = f"{previous}|{head.number}|{head.seq}|{head.mac}"
    if file_before:
        text = f"{file_before}>{text}"
    return hmac.new(key(), b"anchor:" + text.encode(), hashlib.sha256).hexdigest()


def read() -> Anchors:
    """Every head in every file, oldest first. Half a last line is a crash and not an alteration."""
    found = Anchors()
    before: Path | None = None
    for path in sorted(folder().glob("*.jsonl")):
        _read_file(path, before, found)
        before = path
    found.faults += marks.faults(folder())
    return found


def _read_file(path: Path, before: Path | None, found: Anchors) -> None:
    """Adds the file's heads up to its first altered line."""
    previous = ""
    lines = path.read_text(encoding="ascii", errors="replace").split("\n")
    for index, line in enumerate(lines[:-1], start=1):
        try:
            row = json.loads(line)
            head, given, link = Head(row["t"], row["s"], row["m"]), str(row["a"]), str(row.get("p", ""))
        except (ValueError, KeyError, TypeError):
            found.faults.append(f"{path.name} line {index} is not an anchor line")
            return
        if index == 1 and link:
            if before is None or before.stem != link:
                found.faults.append(f"{link}.jsonl is missing: {path.name} goes on from it")
                previous = given
            else:
                previous = _last_code(before)
        if previous != given or not link:
            previous = _code(previous, head, link)
        if not hmac.compare_digest(previous, given):
            found.faults.append(f"{path.name} line {index} was altered, or a line before it was taken out")
            return
        found.heads[head.number] = head


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
