"""Messages from a CSV file: id, user, title, created_at, body and, if there, likes and dislikes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nlp import opening
from nlp.hotspots.model import Item

REQUIRED = ("id", "user", "title", "created_at", "body")
_LOCAL = ZoneInfo("Asia/Shanghai")


class BadFile(ValueError):
    """The file cannot be read; the message names line, column and what is accepted."""


def read_csv(path: Path) -> list[Item]:
    """All messages of a file. Times without a zone are Shanghai time. Raises `BadFile`."""
    try:
        with opening.table(path, REQUIRED) as reader:
            return list(_items(reader))
    except (opening.NoTable, UnicodeError, csv.Error) as error:
        raise BadFile(f"{path.name}: {error}") from None
    except OSError as error:
        raise BadFile(f"cannot read {path.name}: {error.strerror}") from None


def read_rows(lines: Iterable[str]) -> Iterator[Item]:
    """Messages from the lines of a CSV file."""
    return _items(csv.DictReader(lines))


def _items(reader: csv.DictReader[str]) -> Iterator[Item]:
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
    if missing:
        raise BadFile(f"missing columns: {', '.join(missing)}; needed are {', '.join(REQUIRED)}")
    for row in reader:
        if not row["id"]:
            raise BadFile(f"line {reader.line_num}: id is empty")
        yield Item(
            id=row["id"],
            caller=row["user"] or row["id"],
            title=row["title"] or "",
            body=row["body"] or "",
            created_at=_time(row["created_at"], reader.line_num),
            likes=_count(row.get("likes"), "likes", reader.line_num),
            dislikes=_count(row.get("dislikes"), "dislikes", reader.line_num),
        )


def _time(text: str | None, line: int) -> datetime:
    try:
        time = _parse((text or "").strip())
    except ValueError:
        raise BadFile(
            f"line {line}: created_at is {text!r}; an ISO 8601 time is needed, 2026-03-01T08:00:00+08:00"
        ) from None
    return time if time.tzinfo else time.replace(tzinfo=_LOCAL)


def _parse(text: str) -> datetime:
    """ISO 8601, or what spreadsheets make of it: 2026/3/1 8:00."""
    for layout in ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, layout)
        except ValueError:
            continue
    return datetime.fromisoformat(text)


def _count(text: str | None, column: str, line: int) -> int:
    try:
        return int(text) if text and text.strip() else 0
    except ValueError:
        raise BadFile(f"line {line}: {column} is {text!r}; a whole number is needed") from None
