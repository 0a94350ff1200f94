"""Counting everything inside the database: a handful of statements per source, whatever the number of tickets.

`counted()` leaves two tables that live as long as the connection: `whole_daily` (what `Daily` should hold) and
`whole_facts` (what `Counted` should hold). The conditions are those of `measures.counters`, as everywhere.
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
from django.db.models.functions import Cast, Coalesce, TruncDate

from dashboards.measures import pairs
from dashboards.measures.counters import Counter
from dashboards.measures.counting import TICK
from dashboards.measures.sources import DISTRICT, SOURCES, SUBJECTS, Source, Subject, city_of_all

from .facts import counters_of

DAILY, FACTS = "whole_daily", "whole_facts"
_MADE = f"CREATE TEMP TABLE {DAILY} (city text, cut text, counter text, day date, key text, n integer)"
_LINES = "CREATE TEMP TABLE whole_lines (subject text, id bigint, line text)"


@contextmanager
def counted(say: Callable[[str], None] = lambda text: None) -> Iterator[None]:
    """Both tables, filled; gone afterwards. Inside a transaction."""
    _run(_MADE)
    _run(_LINES)
    if connection.vendor == "postgresql":
        _run("SET LOCAL work_mem = '256MB'")
    else:
        connection.connection.create_aggregate("sorted_lines", 1, _SortedLines)
    for source in SOURCES.values():
        say(source.name)
        _source(source)
    _run(f"CREATE TEMP TABLE {FACTS} (subject text, facts text)")
    for subject in SUBJECTS.values():
        say(subject.name)
        _facts(subject)
    yield
    # an error rolls the transaction back, and the tables with it
    for table in (DAILY, "whole_lines", FACTS):
        _run(f"DROP TABLE {table}")


def _run(text: str, values: tuple[Any, ...] | list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def _source(source: Source) -> None:
    """The rows that count anything, once, with the local day of each time column; then summed by each breakdown."""
    counters = counters_of(source)
    columns = {name: f"d{index}" for index, name in enumerate(dict.fromkeys((c.day, c.deadline) for c in counters))}
    _base(source, counters, columns)
    cuts = {"": "''", **({"unit": "unit"} if source.unit else {})}
    subject = SUBJECTS[source.subject]
    known = {cut: f"k{index}" for index, cut in enumerate(subject.dims)}
    cuts |= known
    known[DISTRICT] = "place"
    # the keys of `pairs.key`
    cuts |= {pairs.cut((one, two)): f"{known[one]} || '|' || {known[two]}" for one, two in subject.pairs}
    for cut, key in cuts.items():
        for column in dict.fromkeys(columns.values()):
            mine = [(i, c) for i, c in enumerate(counters) if columns[c.day, c.deadline] == column]
            _sum(cut, key, column, mine)
    _write_lines(source, counters, columns)
    _run("DROP TABLE whole_rows")


def _base(source: Source, counters: list[Counter], columns: dict[tuple[str, bool], str]) -> None:
    subject = SUBJECTS[source.subject]
    taken: dict[str, Any] = {"id_": F(source.subject_id)}
    taken["city_"] = F(source.column(subject.city)) if subject.city else Value(city_of_all(), CharField())
    taken["unit_"] = _text(source.unit) if source.unit else Value("", CharField())
    taken |= {f"k{i}_": _text(source.column(column)) for i, column in enumerate(subject.dims.values())}
    if subject.place:
        prefix = f"{source.path}__" if source.path else ""
        taken["place_"] = Coalesce(subject.district(prefix), Value(""), output_field=CharField())
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


def _text(column: str) -> Any:
    return Coalesce(Cast(F(column), CharField()), Value(""))


def _sum(cut: str, key: str, column: str, counters: list[tuple[int, Counter]]) -> None:
    flags = ", ".join(f"SUM(f{index}) AS f{index}" for index, _ in counters)
    only = f"{column} IS NOT NULL" + (" AND unit <> ''" if cut == "unit" else "")
    _run(
        f"CREATE TEMP TABLE whole_sums AS SELECT city, {column} AS day, {key} AS key, {flags} FROM whole_rows "
        f"WHERE {only} GROUP BY city, {column}{'' if cut == '' else f', {key}'}"
    )
    for index, item in counters:
        _run(
            f"INSERT INTO {DAILY} SELECT city, %s, %s, day, key, f{index} FROM whole_sums WHERE f{index} > 0",
            [cut, item.name],
        )
    _run("DROP TABLE whole_sums")


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


def _facts(subject: Subject) -> None:
    head: list[Any] = [F(subject.city) if subject.city else Value(city_of_all(), CharField())]
    head += [_text(column) for column in subject.dims.values()]
    if subject.place:
        head.append(Coalesce(subject.district(), Value(""), output_field=CharField()))
    taken = {f"h{index}_": column for index, column in enumerate(head)}
    rows = subject.model._default_manager.annotate(**taken).order_by().values_list("pk", *taken)
    text, values = rows.query.sql_with_params()
    names = [f"h{index}" for index in range(len(head))]
    tab, line = ("E'\\t'", "E'\\n'") if connection.vendor == "postgresql" else ("char(9)", "char(10)")
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
