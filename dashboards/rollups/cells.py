"""Keeping the pairs: a row holds all counters of a day, so it is read, changed and written back.

Only under `feed.lock`, which lets one writer in at a time.
"""

from __future__ import annotations

import json
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from dashboards.measures.cells import DAY, MONTH, written
from dashboards.models import Pair

_TABLE = Pair._meta.db_table
#: rows of one statement (SQLite takes at most 32,766 values)
ROWS = 4000
#: city, span, cut, key, day
Cell = tuple[str, str, str, str, str]


def add(changed: Iterable[tuple[str, str, str, str, str, int]]) -> None:
    """Adds the differences, each (city, cut, counter, day, key, n), to the rows of their days and months."""
    delta: defaultdict[Cell, Tally[str]] = defaultdict(Tally)
    for city, cut, counter, day, key, n in changed:
        delta[city, DAY, cut, key, day][counter] += n
        delta[city, MONTH, cut, key, f"{day[:7]}-01"][counter] += n
    cells = sorted(delta)
    for start in range(0, len(cells), ROWS):
        _portion({cell: delta[cell] for cell in cells[start : start + ROWS]})


def _portion(delta: dict[Cell, Tally[str]]) -> None:
    stored = _stored(list(delta))
    rows = []
    for cell, counts in delta.items():
        sums = Tally(json.loads(stored.get(cell, "{}")))
        sums.update(counts)
        rows.append((*cell, written(sums)))
    into = f"INSERT INTO {_TABLE} (city, span, cut, key, day, counts)"
    kept = "ON CONFLICT (city, span, cut, key, day) DO UPDATE SET counts = excluded.counts"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = [list(values) for values in zip(*rows, strict=True)]
            cursor.execute(f"{into} SELECT * FROM unnest({_ARRAYS}, %s::text[]) {kept}", arrays)
        else:
            values = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(rows))
            cursor.execute(f"{into} VALUES {values} {kept}", [item for row in rows for item in row])


def _stored(cells: list[Cell]) -> dict[Cell, str]:
    columns = "p.city, p.span, p.cut, p.key, CAST(p.day AS text), p.counts"
    same = "p.city = a.city AND p.span = a.span AND p.cut = a.cut AND p.key = a.key AND p.day = a.day"
    named = "a (city, span, cut, key, day)"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = [list(values) for values in zip(*cells, strict=True)]
            cursor.execute(f"SELECT {columns} FROM unnest({_ARRAYS}) AS {named} JOIN {_TABLE} p ON {same}", arrays)
        else:
            values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(cells))
            text = f"WITH {named} AS (VALUES {values}) SELECT {columns} FROM a JOIN {_TABLE} p ON {same}"
            cursor.execute(text, [item for cell in cells for item in cell])
        return {(city, span, cut, key, day): counts for city, span, cut, key, day, counts in cursor.fetchall()}


#: one array per column: a statement of the same length for any number of rows
_ARRAYS = "%s::text[], %s::text[], %s::text[], %s::text[], %s::date[]"
