"""Reading the pairs: any number of sums limited by two breakdowns at once, in one statement.

A pair's row holds all counters of a day (or of a month) together, so there are few rows to read and they are added up
here. Months and limits still running are treated as in `sums`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from dashboards.models import Pair

from .counters import COUNTERS
from .pairs import Held
from .sources import SOURCES
from .sums import BY_DAY, BY_KEY, BY_MONTH, MONTHLY, WHOLE, Ask, Sums, stretches

DAY, MONTH = "day", "month"
_TABLE = Pair._meta.db_table


def _in_order() -> list[str]:
    """The counters as a pair's row lists them: source by source, and within a source by the column that dates them."""
    found: list[str] = []
    for name in SOURCES:
        counters = [counter for counter in COUNTERS.values() if counter.source == name]
        for column in dict.fromkeys((counter.day, counter.deadline) for counter in counters):
            found += [counter.name for counter in counters if (counter.day, counter.deadline) == column]
    return found


PLACES = {name: place for place, name in enumerate(_in_order())}


def written(counts: Mapping[str, int]) -> str:
    """The counts as a row stores them: JSON without spaces, in the order above, without zeros."""
    kept = {name: counts[name] for name in sorted(counts, key=PLACES.__getitem__) if counts[name]}
    return json.dumps(kept, separators=(",", ":"))


class Piece(NamedTuple):
    """Rows to be added up: of some keys over some days (`span` "day") or months, told apart by day, or by the half of
    the key that is asked about."""

    city: str
    span: str
    cut: str
    keys: frozenset[str]
    first: date
    last: date
    half: int | None


#: day (or half of a key) and whether that day is over → counter → sum
Sum = dict[tuple[str, bool], dict[str, int]]
_KNOWN: ContextVar[dict[Piece, Sum] | None] = ContextVar("pieces", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Inside, what was read once is not read again: a page's tiles and lines are made of the same rows."""
    token = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(token)


def read(city: str, asks: Sequence[tuple[Ask, Held]], on: date) -> list[Sums]:
    """The answers in the order of the questions, as `sums.read` gives them; a key is the half that was asked about."""
    pieces = [list(_pieces(city, ask, held, on)) for ask, held in asks]
    found = _sums([piece for wanted in pieces for piece in wanted], on)
    return [_answer(ask, [found[piece] for piece in wanted]) for (ask, _), wanted in zip(asks, pieces, strict=True)]


def _pieces(city: str, ask: Ask, held: Held, on: date) -> Iterator[Piece]:
    if held.keys:
        for (table, _), first, last in stretches(ask.period, on, days=ask.by == BY_DAY):
            span = MONTH if table == MONTHLY[0] else DAY
            yield Piece(city, span, held.cut, held.keys, first, last, held.half if ask.by == BY_KEY else None)


def _answer(ask: Ask, pieces: Iterable[Sum]) -> Sums:
    wanted = frozenset(ask.names)
    over = frozenset(name for name in ask.names if not COUNTERS[name].ripens)
    found: Sums = {}
    for piece in pieces:
        for (key, ripe), counts in piece.items():
            names = counts.keys() & (wanted if ripe else over)
            if names:
                row = found.setdefault({WHOLE: "", BY_MONTH: key[:7]}.get(ask.by, key), {})
                for name in names:
                    row[name] = row.get(name, 0) + counts[name]
    return found


def _sums(pieces: Iterable[Piece], on: date) -> dict[Piece, Sum]:
    known = _KNOWN.get()
    found: dict[Piece, Sum] = {} if known is None else known
    missing = [piece for piece in dict.fromkeys(pieces) if piece not in found]
    if missing:
        found |= {piece: {} for piece in missing}
        words, values = zip(*(_statement(place, piece) for place, piece in enumerate(missing)), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(words), [value for given in values for value in given])
            for place, key, day, counts in cursor.fetchall():
                piece = missing[place]
                bucket = day if piece.half is None else key.split("|")[piece.half]
                _add(found[piece], (bucket, piece.span == MONTH or day < on.isoformat()), json.loads(counts))
    return found


def _statement(place: int, piece: Piece) -> tuple[str, list[Any]]:
    convert = connection.ops.adapt_datefield_value
    places = ", ".join(["%s"] * len(piece.keys))
    return (
        f"SELECT {place}, key, CAST(day AS text), counts FROM {_TABLE} WHERE city = %s AND span = %s AND cut = %s "
        f"AND key IN ({places}) AND day BETWEEN %s AND %s",
        [piece.city, piece.span, piece.cut, *sorted(piece.keys), convert(piece.first), convert(piece.last)],
    )


def _add(sums: Sum, bucket: tuple[str, bool], counts: dict[str, int]) -> None:
    row = sums.get(bucket)
    if row is None:
        sums[bucket] = counts
        return
    for name, n in counts.items():  # a view of a large unit adds tens of thousands of rows here
        row[name] = row[name] + n if name in row else n
