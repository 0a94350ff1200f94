"""What a subject contributes to the daily numbers: (counter, day, unit) for each of its rows, under its breakdowns.

Made from the conditions of `measures.counters`, one statement per source for any number of subjects.
"""

from __future__ import annotations

import hashlib
from collections import Counter as Tally
from collections.abc import Sequence
from typing import Any, TypedDict

from django.db.models import BooleanField, Case, Value, When

from dashboards.measures.counters import COUNTERS, Counter
from dashboards.measures.counting import day_of
from dashboards.measures.sources import SOURCES, SUBJECTS, Source, city_of_all

#: (city, cut, counter, day, key)
Key = tuple[str, str, str, str, str]


class Facts(TypedDict, total=False):
    """`dims`: breakdown → key; `rows`: [counter, day, unit id or ""] each."""

    city: str
    dims: dict[str, str]
    rows: list[list[str]]


def definitions() -> str:
    """A digest of all counters: rollups made by others have to be rebuilt."""
    text = "|".join(
        f"{c.name}:{c.source}:{c.day}:{c.deadline}:{c.ripens}:{len(str(c.where))}" for c in COUNTERS.values()
    )
    return hashlib.sha256(text.encode()).hexdigest()


def facts(subject: str, ids: Sequence[int]) -> dict[int, Facts]:
    """Subject id → what it contributes now. An id that does not exist any more is missing from the answer."""
    kind = SUBJECTS[subject]
    columns = [kind.city] if kind.city else []
    found: dict[int, Facts] = {}
    for pk, *values in kind.model._default_manager.filter(pk__in=ids).values_list("pk", *columns, *kind.dims.values()):
        city = str(values.pop(0)) if kind.city else city_of_all()
        dims = {cut: "" if value is None else str(value) for cut, value in zip(kind.dims, values, strict=True)}
        found[pk] = Facts(city=city, dims=dims, rows=[])
    for source in SOURCES.values():
        if source.subject == subject:
            _collect(source, ids, found)
    for entry in found.values():
        entry["rows"].sort()
    return found


def _collect(source: Source, ids: Sequence[int], found: dict[int, Facts]) -> None:
    counters = [item for item in COUNTERS.values() if item.source == source.name]
    days = list(dict.fromkeys(item.day for item in counters))
    flags = {
        f"is_{index}": Case(When(item.where, then=Value(True)), default=Value(False), output_field=BooleanField())
        for index, item in enumerate(counters)
    }
    rows = source.rows().filter(**{f"{source.subject_id}__in": ids}).annotate(**flags)
    unit = [source.unit] if source.unit else []
    for pk, *values in rows.values_list(source.subject_id, *unit, *days, *flags):
        _add(found[pk]["rows"], source, counters, days, values)


def _add(rows: list[list[str]], source: Source, counters: list[Counter], days: list[str], values: list[Any]) -> None:
    unit = values.pop(0) if source.unit else None
    moments = dict(zip(days, values, strict=False))
    for item, counts in zip(counters, values[len(days) :], strict=True):
        moment = moments[item.day]
        if counts and moment is not None:
            rows.append([item.name, day_of(item, moment).isoformat(), "" if unit is None else str(unit)])


def contributions(entry: Facts) -> Tally[Key]:
    """The rollup rows that the facts count in: the whole city, the unit, and each breakdown."""
    counted: Tally[Key] = Tally()
    if not entry:
        return counted
    city, dims = entry["city"], entry["dims"]
    for counter, day, unit in entry["rows"]:
        counted[city, "", counter, day, ""] += 1
        if unit:
            counted[city, "unit", counter, day, unit] += 1
        for cut, key in dims.items():
            counted[city, cut, counter, day, key] += 1
    return counted
