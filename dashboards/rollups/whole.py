"""Counting everything inside the database: a handful of statements per source, whatever the number of tickets.

`counted()` leaves three tables that live as long as the connection: `whole_daily` (what `Daily` should hold),
`whole_pairs` (what `Pair` should hold) and `whole_facts` (what `Counted` should hold). The conditions are those of
`measures.counters`, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Case, CharField, F, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, TruncDate

from dashboards.measures import cells, pairs
from dashboards.measures.counters import Counter
from dashboards.measures.counting import TICK
from dashboards.measures.sources import SOURCES, SUBJECTS, Source, Subject, city_of_all

from .facts import counters_of

DAILY, PAIRS, FACTS = "whole_daily", "whole_pairs", "whole_facts"
_MADE = f"CREATE TEMP TABLE {DAILY} (city text, cut text, counter text, day date, key text, n integer)"
#: a piece of a pair's row: the counters of one source and time column, in their place among all
_PIECES = (
    "CREATE TEMP TABLE whole_pieces (city text, span text, cut text, key text, day date, place integer, piece text)"
)
_LINES = "CREATE TEMP TABLE whole_lines (subject text, id bigint, line text)"


@contextmanager
def counted(say: Callable[[str], None] = lambda text: None) -> Iterator[None]:
    """The tables, filled; gone afterwards. Inside a transaction."""
    for made in (_MADE, _PIECES, _LINES):
        _run(made)
    if connection.vendor == "postgresql":
        _run("SET LOCAL work_mem = '256MB'")
    else:
        connection.connection.create_aggregate("sorted_lines", 1, _SortedLines)
        connection.connection.create_aggregate("in_places", 2, _InPlaces)
    for source in SOURCES.values():
        say(source.name)
        _source(source)
    say("pairs")
    _pairs()
    _run(f"CREATE TEMP TABLE {FACTS} (subject text, facts text)")
    for subject in SUBJECTS.values():
        say(subject.name)
        _facts(subject)
    yield
    # an error rolls the transaction back, and the tables with it
    for table in (DAILY, "whole_pieces", PAIRS, "whole_lines", FACTS):
        _run(f"DROP TABLE {table}")


def _run(text: str, values: tuple[Any, ...] | list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def _source(source: Source) -> None:
    """The rows that count anything, once, with the local day of each time column; then summed by each breakdown."""
    counters = counters_of(source)
    columns = {name: f"d{index}" for index, name in enumerate(dict.fromkeys((c.day, c.deadline) for c in counters))}
    _base(source, counters, columns)
    subject = SUBJECTS[source.subject]
    known = {**({"unit": "unit"} if source.unit else {}), **{cut: f"k{i}" for i, cut in enumerate(subject.dims)}}
    known |= {cut: cut for cut in subject.wider()}
    cuts = {"": "''"} | {cut: key for cut, key in known.items() if cut not in subject.wider()}
    # the keys of `pairs.key`
    both = {
        pairs.cut((one, two)): (f"{known[one]} || '|' || {known[two]}", "unit" in (one, two))
        for one, two in subject.pairs
        if one in known and two in known
    }
    for column in dict.fromkeys(columns.values()):
        mine = [(i, c) for i, c in enumerate(counters) if columns[c.day, c.deadline] == column]
        for cut, key in cuts.items():
            with _sums(key, column, mine, of_unit=cut == "unit"):
                _write_sums(cut, mine)
        for cut, (key, of_unit) in both.items():
            with _sums(key, column, mine, of_unit=of_unit):
                _write_pieces(cut, mine)
    _write_lines(source, counters, columns)
    _run("DROP TABLE whole_rows")


def _base(source: Source, counters: list[Counter], columns: dict[tuple[str, bool], str]) -> None:
    subject = SUBJECTS[source.subject]
    taken: dict[str, Any] = {"id_": F(source.subject_id)}
    taken["city_"] = F(source.column(subject.city)) if subject.city else Value(city_of_all(), CharField())
    taken["unit_"] = _text(source.unit) if source.unit else Value("", CharField())
    taken |= {f"k{i}_": _text(source.column(column)) for i, column in enumerate(subject.dims.values())}
    wider = subject.wider(f"{source.path}__" if source.path else "")
    taken |= {f"{cut}_": _text(column) for cut, column in wider.items()}
    zone = ZoneInfo(settings.TIME_ZONE)
    for (day, deadline), name in columns.items():
        moment = F(day) - TICK if deadline else F(day)
        taken[f"{name}_"] = TruncDate(moment, tzinfo=zone)
    for index, item in enumerate(counters):
        taken[f"f{index}_"] = Case(When(item.where, then=Value(1)), default=Value(0), output_field=IntegerField())
    counts: Q = reduce(or_, (item.where for item in counters))
    rows = source.rows().filter(counts).annotate(**taken).order_by().values_list(*taken)
    text, values = rows.query.sql_with_params()
    names = ", ".join(name.rstrip("_") for name in taken)
    # a column list instead of the aliases, so that the names are ours on every database
    _run(f"CREATE TEMP TABLE whole_rows AS WITH made ({names}) AS ({text}) SELECT * FROM made", values)


def line_end() -> str:
    """The end of a line, in SQL."""
    return "E'\\n'" if connection.vendor == "postgresql" else "char(10)"


def _text(column: str | Combinable) -> Any:
    return Coalesce(Cast(F(column) if isinstance(column, str) else column, CharField()), Value(""))


@contextmanager
def _sums(key: str, column: str, counters: list[tuple[int, Counter]], *, of_unit: bool) -> Iterator[None]:
    """The table `whole_sums`: one row per city, day and key with the counters' sums."""
    flags = ", ".join(f"SUM(f{index}) AS f{index}" for index, _ in counters)
    only = f"{column} IS NOT NULL" + (" AND unit <> ''" if of_unit else "")
    group = "" if key == "''" else f", {key}"
    _run(
        f"CREATE TEMP TABLE whole_sums AS SELECT city, {column} AS day, {key} AS key, {flags} FROM whole_rows "
        f"WHERE {only} GROUP BY city, {column}{group}"
    )
    yield
    _run("DROP TABLE whole_sums")


def _write_sums(cut: str, counters: list[tuple[int, Counter]]) -> None:
    for index, item in counters:
        _run(
            f"INSERT INTO {DAILY} SELECT city, %s, %s, day, key, f{index} FROM whole_sums WHERE f{index} > 0",
            [cut, item.name],
        )


def _write_pieces(cut: str, counters: list[tuple[int, Counter]]) -> None:
    """The sums as they stand in a pair's row (`measures.cells.written`), by day and by month."""
    place = min(cells.PLACES[item.name] for _, item in counters)
    words = " || ".join(
        f"""CASE WHEN f{index} > 0 THEN '"{item.name}":' || CAST(f{index} AS text) || ',' ELSE '' END"""
        for index, item in counters
    )
    summed = ", ".join(f"SUM(f{index}) AS f{index}" for index, _ in counters)
    months = f"(SELECT city, key, {month('day')} AS day, {summed} FROM whole_sums GROUP BY 1, 2, 3) AS months"
    for span, rows in ((cells.DAY, "whole_sums"), (cells.MONTH, months)):
        _run(
            f"INSERT INTO whole_pieces SELECT * FROM (SELECT city, '{span}' AS span, '{cut}' AS cut, key, day, "
            f"{place}, {words} AS piece FROM {rows}) AS made WHERE piece <> ''"
        )


def _pairs() -> None:
    joined = "string_agg(piece, '' ORDER BY place)" if connection.vendor == "postgresql" else "in_places(place, piece)"
    _run(
        f"CREATE TEMP TABLE {PAIRS} AS SELECT city, span, cut, key, day, "
        f"'{{' || rtrim({joined}, ',') || '}}' AS counts FROM whole_pieces GROUP BY city, span, cut, key, day"
    )


def month(column: str) -> str:
    """The first day of the month of a column, in SQL."""
    if connection.vendor == "postgresql":
        return f"CAST(date_trunc('month', {column}) AS date)"
    return f"substr({column}, 1, 7) || '-01'"


def _write_lines(source: Source, counters: list[Counter], columns: dict[tuple[str, bool], str]) -> None:
    words = []
    for index, item in enumerate(counters):
        day = columns[item.day, item.deadline]
        counts = f"f{index} = 1 AND {day} IS NOT NULL"
        words.append(f"CASE WHEN {counts} THEN '{item.name}@' || CAST({day} AS text) || ',' ELSE '' END")
    _run(
        f"INSERT INTO whole_lines SELECT '{source.subject}', id, unit || '|' || substr(words, 1, length(words) - 1) "
        f"FROM (SELECT id, unit, {' || '.join(words)} AS words FROM whole_rows) AS made WHERE words <> ''"
    )


class _SortedLines:
    """For SQLite, whose own aggregate knows no order in the versions supported."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def step(self, line: str) -> None:
        self.lines.append(line)

    def finalize(self) -> str:
        return "\n".join(sorted(self.lines))


class _InPlaces:
    """For SQLite: the pieces in the order of their places, as one text."""

    def __init__(self) -> None:
        self.pieces: list[tuple[int, str]] = []

    def step(self, place: int, piece: str) -> None:
        self.pieces.append((place, piece))

    def finalize(self) -> str:
        return "".join(piece for _, piece in sorted(self.pieces))


def _facts(subject: Subject) -> None:
    head: list[Any] = [F(subject.city) if subject.city else Value(city_of_all(), CharField())]
    head += [_text(column) for column in subject.dims.values()]
    head += [_text(column) for column in subject.wider().values()]
    taken = {f"h{index}_": column for index, column in enumerate(head)}
    rows = subject.model._default_manager.annotate(**taken).order_by().values_list("pk", *taken)
    text, values = rows.query.sql_with_params()
    names = [f"h{index}" for index in range(len(head))]
    tab, line = "E'\\t'" if connection.vendor == "postgresql" else "char(9)", line_end()
    gathered = (
        f'string_agg(line, {line} ORDER BY line COLLATE "C")'
        if connection.vendor == "postgresql"
        else "sorted_lines(line)"
    )
    made = (
        f"WITH heads (id, {', '.join(names)}) AS ({text}), "
        f"gathered AS (SELECT id, {gathered} AS lines FROM whole_lines "
        f"WHERE subject = '{subject.name}' GROUP BY id) SELECT '{subject.name}:' || CAST(heads.id AS text) AS subject, "
        f"{f' || {tab} || '.join(names)} || COALESCE({line} || lines, '') AS facts "
        "FROM heads LEFT JOIN gathered ON gathered.id = heads.id"
    )
    _run(f"INSERT INTO {FACTS} {made}", values)
