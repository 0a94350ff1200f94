"""What a subject contributes to the daily numbers, as a text that two ways of counting write alike.

First line: city, the keys of the subject's breakdowns, its district and first-level category, between tabs. Then one
line per stored row that counts: `UNIT|COUNTER@DAY,COUNTER@DAY`, sorted. This module writes it for a few subjects at
once, row by row in Python, for the feed; `whole` writes it for everything inside the database, for a rebuild. That both
agree is what `--check` proves.
"""

from __future__ import annotations

import hashlib
from collections import Counter as Tally
from collections.abc import Sequence
from itertools import compress
from typing import Any

from django.db.models import BooleanField, Case, Value, When

from dashboards.measures import pairs
from dashboards.measures.counters import COUNTERS, Counter
from dashboards.measures.counting import day_of
from dashboards.measures.sources import SOURCES, SUBJECTS, Source, city_of_all

#: (city, cut, counter, day, key)
Key = tuple[str, str, str, str, str]


def definitions() -> str:
    """A digest of all counters and breakdowns: rollups made by others have to be rebuilt."""
    text = "|".join(
        f"{c.name}:{c.source}:{c.day}:{c.deadline}:{c.ripens}:{len(str(c.where))}" for c in COUNTERS.values()
    )
    for item in SUBJECTS.values():
        # the word tells how pairs are stored
        text += f"|{item.name}:{','.join(f'{cut}={column}' for cut, column in item.dims.items())}:{item.pairs}:cells"
    return hashlib.sha256(text.encode()).hexdigest()


def facts(subject: str, ids: Sequence[int]) -> dict[int, str]:
    """Subject id → what it contributes now. An id that does not exist any more is missing from the answer."""
    kind = SUBJECTS[subject]
    columns = [kind.city] if kind.city else []
    heads: dict[int, str] = {}
    rows = kind.model._default_manager.filter(pk__in=ids)
    wider = {f"{cut}_": column for cut, column in kind.wider().items()}
    rows = rows.annotate(**wider)
    taken = [*columns, *kind.dims.values(), *wider]
    for pk, *values in rows.values_list("pk", *taken):
        city = [] if kind.city else [city_of_all()]
        heads[pk] = "\t".join([*city, *("" if value is None else str(value) for value in values)])
    lines: dict[int, list[str]] = {pk: [] for pk in heads}
    for source in SOURCES.values():
        if source.subject == subject and lines:
            _collect(source, list(heads), lines)
    return {pk: "\n".join([head, *sorted(lines[pk])]) for pk, head in heads.items()}


def counters_of(source: Source) -> list[Counter]:
    return [item for item in COUNTERS.values() if item.source == source.name]


def _collect(source: Source, ids: Sequence[int], lines: dict[int, list[str]]) -> None:
    counters = counters_of(source)
    days = list(dict.fromkeys(item.day for item in counters))
    flags = {
        f"is_{index}": Case(When(item.where, then=Value(True)), default=Value(False), output_field=BooleanField())
        for index, item in enumerate(counters)
    }
    rows = source.rows().filter(**{f"{source.subject_id}__in": ids}).annotate(**flags)
    unit = [source.unit] if source.unit else []
    for pk, *values in rows.values_list(source.subject_id, *unit, *days, *flags):
        if line := _line(source, counters, days, values):
            lines[pk].append(line)


def _line(source: Source, counters: list[Counter], days: list[str], values: list[Any]) -> str:
    unit = values.pop(0) if source.unit else None
    moments = dict(zip(days, values, strict=False))
    known: dict[tuple[str, bool], str] = {}
    words = []
    for item in compress(counters, values[len(days) :]):
        moment, name = moments[item.day], (item.day, item.deadline)
        if moment is not None:
            day = known.get(name) or known.setdefault(name, day_of(item, moment).isoformat())
            words.append(f"{item.name}@{day}")
    return f"{'' if unit is None else unit}|{','.join(words)}" if words else ""


def moved(subject: str, old: str, new: str) -> Tally[Key]:
    """How the rollup rows change when a subject's facts do; lines that stay as they are are not looked at."""
    before, after = old.split("\n"), new.split("\n")
    if before[0] == after[0]:
        kept = Tally(before[1:]) & Tally(after[1:])
        old = "\n".join([before[0], *(Tally(before[1:]) - kept).elements()])
        new = "\n".join([after[0], *(Tally(after[1:]) - kept).elements()])
    delta = contributions(subject, new)
    delta.subtract(contributions(subject, old))
    return delta


def contributions(subject: str, text: str) -> Tally[Key]:
    """The rollup rows that the facts count in: the whole city, the unit, each breakdown, and each pair of two."""
    counted: Tally[Key] = Tally()
    if not text:
        return counted
    head, *lines = text.split("\n")
    kind = SUBJECTS[subject]
    city, *keys = head.split("\t")
    known = dict(zip((*kind.dims, *kind.wider()), keys, strict=True))
    cuts = [("", ""), *((cut, known[cut]) for cut in kind.dims)]
    for line in lines:
        unit, words = line.split("|", 1)
        own = known | {"unit": unit} if unit else known
        mine = [*cuts, ("unit", unit)] if unit else cuts
        mine = mine + [
            (pairs.cut((one, two)), pairs.key(own[one], own[two]))
            for one, two in kind.pairs
            if one in own and two in own
        ]
        for word in words.split(","):
            counter, day = word.split("@")
            for cut, key in mine:
                counted[city, cut, counter, day, key] += 1
    return counted
