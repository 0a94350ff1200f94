"""Where a list of results goes on. A cursor belongs to one question and is refused by any other."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass

from .documents import BadQuery, Query
from .plan import STAGES, Stage

_BEYOND = 1 << 63


@dataclass(frozen=True, slots=True)
class Cursor:
    """The stage at which the first page was found, and the sort values of the last hit shown."""

    stage: Stage
    after: tuple[float, ...]


def _mark(query: Query) -> int:
    parts = (
        query.text, sorted((name, list(values)) for name, values in query.filters.items()), query.phone_hash,
        query.created_from, query.created_to, query.due_from, query.due_to, query.sort.value, query.loose, query.least,
    )  # fmt: skip
    return zlib.crc32(json.dumps(parts, ensure_ascii=False).encode())


def write(query: Query, cursor: Cursor) -> str:
    content = [_mark(query), STAGES.index(cursor.stage), *cursor.after]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def read(query: Query) -> Cursor | None:
    """The cursor the query carries, or None for a first page. Raises `BadQuery` when it is not ours."""
    if not query.cursor:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4)))
        mark, stage, *after = content
        cursor = Cursor(STAGES[int(stage)], tuple(value + 0 for value in after))
        if not all(0 <= value < _BEYOND for value in cursor.after) or not cursor.after[-1]:  # NaN is neither
            raise ValueError("no sort value of ours")
    except (ValueError, TypeError, IndexError, binascii.Error) as error:
        raise BadQuery("the cursor is damaged; start from the first page") from error
    if mark != _mark(query) or not cursor.after:
        raise BadQuery("the cursor belongs to another question; start from the first page")
    return cursor
