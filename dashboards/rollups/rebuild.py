"""Making the rollups anew from the stored tickets, calls and reviews, and comparing them with what was fed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from dashboards.measures.counters import COUNTERS
from dashboards.measures.sources import SOURCES
from dashboards.models import Counted, Daily, Monthly, Pair, RollupState

from . import feed, whole
from .facts import Key, definitions

EXAMPLES = 10
_DAILY, _MONTHLY, _PAIR, _COUNTED = (model._meta.db_table for model in (Daily, Monthly, Pair, Counted))


@dataclass
class Difference:
    """`rows`: how many daily, monthly or pair rows differ; a few of them as (key, stored, counted), where a pair's
    row stands with all its counters at once."""

    rows: int = 0
    subjects: int = 0
    examples: list[tuple[Key, int | str, int | str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows or self.subjects)

    def add(self, key: Key, stored: int | str, counted: int | str) -> None:
        self.rows += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append((key, stored, counted))


def _ask(text: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return list(cursor.fetchall())


def _months_of(table: str) -> str:
    month = whole.month("day")
    return f"SELECT city, cut, counter, {month} AS month, key, SUM(n) AS n FROM {table} GROUP BY 1, 2, 3, 4, 5"


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees one moment of a working database (PostgreSQL; SQLite always does)."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def check(say: Callable[[str], None] = lambda text: None) -> Difference:
    """Counts everything anew and compares; changes nothing. What is still in the outbox shows as a difference."""
    found = Difference()
    with _one_moment():
        with whole.counted(say):
            rows = "SELECT city, cut, counter, CAST({} AS text) AS day, key, n FROM {} WHERE n <> 0"
            _compare(found, rows.format("day", _DAILY), rows.format("day", whole.DAILY))
            months = f"({_months_of(_DAILY)}) AS made"
            _compare(found, rows.format("month", _MONTHLY), rows.format("month", months))
            pairs = "SELECT city, cut, span, CAST(day AS text), key, counts FROM {} WHERE counts <> '{{}}'"
            _compare(found, pairs.format(_PAIR), pairs.format(whole.PAIRS))
            # what counts nothing yet (a call still ringing) is known to one side only, and no difference
            counts = f"SELECT subject, facts FROM {{}} WHERE facts LIKE '%' || {whole.line_end()} || '%'"
            stored, counted = counts.format(_COUNTED), counts.format(whole.FACTS)
            differ = f"SELECT subject FROM ({stored} EXCEPT {counted}) AS one UNION "
            differ += f"SELECT subject FROM ({counted} EXCEPT {stored}) AS other"
            found.subjects = _ask(f"SELECT COUNT(*) FROM ({differ}) AS all_of_them")[0][0]
        say("totals")
        _compare_totals(found)
    return found


def _compare(found: Difference, stored: str, counted: str) -> None:
    """Adds every row that stands in one of the two questions' answers and not in the other's."""
    was = {tuple(key): n for *key, n in _ask(f"{stored} EXCEPT {counted}")}
    is_now = {tuple(key): n for *key, n in _ask(f"{counted} EXCEPT {stored}")}
    for key in sorted(was.keys() | is_now.keys()):
        city, cut, counter, day, name = key
        found.add((city, cut, counter, day, name), was.get(key, 0), is_now.get(key, 0))


def _compare_totals(found: Difference) -> None:
    """Each counter's sum over all days against a plain count of the rows it counts, with nothing in between."""
    sums = dict(Daily.objects.filter(cut="").values_list("counter").annotate(total=Sum("n")).order_by())
    for name, counter in COUNTERS.items():
        rows = SOURCES[counter.source].rows().filter(counter.where, **{f"{counter.day}__isnull": False})
        plain, summed = rows.count(), sums.get(name, 0)
        if plain != summed:
            found.add(("*", "", name, "all days", ""), summed, plain)


def empty() -> bool:
    """Nothing was ever fed, or everything was deleted."""
    return not Daily.objects.exists()


def rebuild(say: Callable[[str], None] = lambda text: None) -> int:
    """Throws the rollups away and makes them anew, in one transaction; returns how many subjects were counted.

    Pages read the old rows until the end. What changes meanwhile waits in the outbox and is heard afterwards.
    """
    with transaction.atomic():
        feed.lock()
        with whole.counted(say):
            say("writing")
            for model in (Daily, Monthly, Pair, Counted):
                model._default_manager.all().delete()
            columns = "city, cut, counter, {}, key, n"
            # in the order of the index, so that a page's rows lie together
            _write(_DAILY, columns.format("day"), f"SELECT * FROM {whole.DAILY} ORDER BY 1, 2, 3, 4, 5")
            _write(_MONTHLY, columns.format("month"), _months_of(whole.DAILY))
            pairs = "city, span, cut, key, day, counts"
            _write(_PAIR, pairs, f"SELECT {pairs} FROM {whole.PAIRS} ORDER BY 1, 2, 3, 4, 5")
            _write(_COUNTED, "subject, facts", f"SELECT subject, facts FROM {whole.FACTS}")
        RollupState.objects.filter(pk=1).update(definitions=definitions(), rebuilt_at=timezone.now())
        return Counted.objects.count()


def _write(table: str, columns: str, rows: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) {rows}")
