"""The few statements that every report runs, built once: for the ORM building one costs more than running it.

Same columns, same conversions, same database rules as the ORM's own; signals are not sent (nobody listens to any).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Row = TypeVar("Row", bound=models.Model)
_WANTED = "\N{BLACK SQUARE}"  # stands for the asked value while the statement is built


def _database() -> BaseDatabaseWrapper:
    """The thread's connection itself: Django's `connection` looks for it anew at each attribute."""
    return connections[DEFAULT_DB_ALIAS]


def _first(database: BaseDatabaseWrapper, sql: str, values: list[Any]) -> tuple[Any, ...] | None:
    """One statement and its first row. SQLite is asked directly unless somebody listens to the statements."""
    if database.vendor != "sqlite" or database.queries_logged or database.execute_wrappers:
        with database.cursor() as cursor:
            cursor.execute(sql, values)
            found: tuple[Any, ...] | None = cursor.fetchone() if cursor.description else None
            return found
    database.ensure_connection()
    database.validate_thread_sharing()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        rows: Any = database.connection.execute(_with_question_marks(sql), values)
        first: tuple[Any, ...] | None = rows.fetchone()
        rows.close()
        return first


@lru_cache(maxsize=64)
def _with_question_marks(sql: str) -> str:
    return sql.replace("%s", "?").replace("%%", "%")


class Lookup(Generic[Row]):
    """The one row whose text column `column` has a value, among those that fit `fixed`; None when there is none."""

    def __init__(self, model: type[Row], column: str, **fixed: object) -> None:
        self._model, self._filter = model, {column: _WANTED, **fixed}
        self._built: dict[str, tuple[str, tuple[Any, ...], dict[int, Any]]] = {}

    def __call__(self, value: str) -> Row | None:
        database = _database()
        sql, params, converters = self._statement(database)
        found = _first(database, sql, [value if param == _WANTED else param for param in params])
        if found is None:
            return None
        row = list(found)
        for place, (convert, column) in converters.items():
            for function in convert:
                row[place] = function(row[place], column, database)
        names = [field.attname for field in self._model._meta.concrete_fields]
        return self._model.from_db(database.alias, names, row)

    def _statement(self, database: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...], dict[int, Any]]:
        built = self._built.get(database.vendor)
        if built is None:
            rows = self._model._default_manager.filter(**self._filter).order_by()
            compiler = rows.query.get_compiler(connection=database)
            sql, params = compiler.as_sql()
            columns = [column for column, _, _ in compiler.select]
            built = self._built[database.vendor] = (sql, tuple(params), compiler.get_converters(columns))
        return built


def insert(row: models.Model) -> None:
    """Stores one new row and gives it its id. Raises `IntegrityError` like any insert."""
    _run(row, "")


def insert_once(row: models.Model) -> None:
    """Stores the row unless a unique column says that it is there already; then it gets no id."""
    _run(row, " ON CONFLICT DO NOTHING")


def _run(row: models.Model, conflict: str) -> None:
    renew_links(row)
    database, model, numbered = _database(), type(row), row.pk is None
    made = _first(database, _insertion(database.vendor, model, numbered, conflict), _values(row, numbered, database))
    if made is not None:
        row.pk = made[0]
    row._state.adding, row._state.db = False, database.alias


def _values(row: models.Model, numbered: bool, database: BaseDatabaseWrapper) -> list[Any]:
    """What is written for each column. A value of a plain type goes as it is: the field's own conversion is slow."""
    read, columns = _columns(database.vendor, type(row), numbered)
    return [
        value
        if (kind := type(value)) in plain
        else convert(value)
        if kind in quick and (kind is not datetime or value.tzinfo is not None)
        else field.get_db_prep_save(field.pre_save(row, True), connection=database)
        for value, (field, plain, quick, convert) in zip(read(row), columns, strict=True)
    ]


_Column = tuple[Any, frozenset[type], frozenset[type], Callable[[Any], Any]]


@lru_cache(maxsize=64)
def _columns(
    vendor: str, model: type[models.Model], numbered: bool
) -> tuple[Callable[[models.Model], tuple[Any, ...]], list[_Column]]:
    """How a row's values are read; for each column the exact types that every database takes unchanged, and those that
    are converted here."""
    fields, _ = _fields(model, numbered)
    return attrgetter(*(field.attname for field in fields)), [
        (field, _plain_types(field), *_quick(vendor, field)) for field in fields
    ]


def _quick(vendor: str, field: Any) -> tuple[frozenset[type], Callable[[Any], Any]]:
    """The types whose values for SQLite are made here, as the field would make them but without its detours."""
    filled = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    if vendor == "sqlite" and isinstance(field, models.DateTimeField) and not filled:
        return frozenset({datetime}), _written_time
    if vendor == "sqlite" and isinstance(field, models.JSONField) and field.encoder is None:
        return frozenset({dict, list}), json.dumps
    return frozenset(), str


def _written_time(moment: datetime) -> str:
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def _plain_types(field: Any) -> frozenset[type]:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return frozenset()  # the field fills it in
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    kinds = {models.CharField: str, models.TextField: str, models.BooleanField: bool, models.IntegerField: int}
    found = next((plain for kind, plain in kinds.items() if isinstance(field, kind)), type(None))
    return frozenset({found, type(None)})


def renew_links(row: models.Model) -> None:
    """Foreign keys to rows that got their id a moment ago."""
    for relation in _relations(type(row)):
        if relation.is_cached(row) and (other := relation.get_cached_value(row)) is not None:
            setattr(row, relation.attname, other.pk)


@lru_cache(maxsize=64)
def _relations(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


@lru_cache(maxsize=64)
def _fields(model: type[models.Model], numbered: bool) -> tuple[list[Any], bool]:
    """The columns to write; whether the database gives the id."""
    key: Any = model._meta.pk
    returning = numbered and isinstance(key, models.AutoField | models.BigAutoField)
    return [field for field in model._meta.concrete_fields if not (returning and field is key)], returning


@lru_cache(maxsize=64)
def _insertion(vendor: str, model: type[models.Model], numbered: bool, conflict: str) -> str:
    quote: Callable[[str], str] = _database().ops.quote_name
    fields, returning = _fields(model, numbered)
    names = ", ".join(quote(field.column) for field in fields)
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({', '.join(['%s'] * len(fields))}){conflict}"
    return f"{sql} RETURNING {quote(str(model._meta.pk.column))}" if returning else sql
