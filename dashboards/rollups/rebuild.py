"""Making the rollups anew from the stored tickets, calls and reviews, and comparing them with what was fed."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from dashboards.measures.counters import COUNTERS
from dashboards.measures.sources import SOURCES, SUBJECTS
from dashboards.models import Counted, Daily, RollupState

from . import feed
from .facts import Facts, Key, contributions, definitions, facts

PORTION = 500
EXAMPLES = 10


@dataclass
class Difference:
    """`rows`: how many daily rows differ; a few of them as (key, stored, counted)."""

    rows: int = 0
    subjects: int = 0
    examples: list[tuple[Key, int, int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows or self.subjects)


def _portions(subject: str) -> Iterator[tuple[str, list[int]]]:
    last = 0
    model = SUBJECTS[subject].model
    while ids := list(model._default_manager.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PORTION]):
        yield subject, ids
        last = ids[-1]


def _everything() -> Iterator[tuple[str, int, Facts]]:
    for subject in SUBJECTS:
        for name, ids in _portions(subject):
            for pk, entry in facts(name, ids).items():
                yield name, pk, entry


def check() -> Difference:
    """Counts everything anew and compares; changes nothing. What is still in the outbox shows as a difference."""
    counted: Tally[Key] = Tally()
    found = Difference()
    known = 0
    for subject, pk, entry in _everything():
        counted.update(contributions(entry))
        stored = Counted.objects.filter(pk=f"{subject}:{pk}").values_list("facts", flat=True).first()
        known += stored is not None
        found.subjects += stored != entry
    found.subjects += Counted.objects.count() - known
    stored_rows = {
        (city, cut, counter, day.isoformat(), key): n
        for city, cut, counter, day, key, n in Daily.objects.exclude(n=0)
        .values_list("city", "cut", "counter", "day", "key", "n")
        .iterator()
    }
    for place in sorted(set(stored_rows) | set(counted)):
        was, is_now = stored_rows.get(place, 0), counted.get(place, 0)
        if was != is_now:
            found.rows += 1
            if len(found.examples) < EXAMPLES:
                found.examples.append((place, was, is_now))
    _compare_totals(found)
    return found


def _compare_totals(found: Difference) -> None:
    """Each counter's sum over all days against a plain count of the rows it counts, with nothing in between."""
    sums = dict(Daily.objects.filter(cut="").values_list("counter").annotate(total=Sum("n")).order_by())
    for name, counter in COUNTERS.items():
        rows = SOURCES[counter.source].rows().filter(counter.where, **{f"{counter.day}__isnull": False})
        plain, summed = rows.count(), sums.get(name, 0)
        if plain != summed:
            found.rows += 1
            found.examples.append((("*", "", name, "all days", ""), summed, plain))


def empty() -> bool:
    """Nothing was ever fed, or everything was deleted."""
    return not Daily.objects.exists()


def rebuild(progress: Callable[[int], None] | None = None) -> int:
    """Throws the rollups away and makes them anew, in one transaction; returns how many subjects were counted."""
    done = 0
    with transaction.atomic():
        feed.lock()
        Daily.objects.all().delete()
        Counted.objects.all().delete()
        sums: Tally[Key] = Tally()
        portion: list[Counted] = []
        for subject, pk, entry in _everything():
            sums.update(contributions(entry))
            portion.append(Counted(subject=f"{subject}:{pk}", facts=entry))
            done += 1
            if len(portion) >= PORTION:
                Counted.objects.bulk_create(portion)
                portion = []
                if progress is not None:
                    progress(done)
        Counted.objects.bulk_create(portion)
        feed.apply(sums)
        RollupState.objects.filter(pk=1).update(definitions=definitions(), rebuilt_at=timezone.now())
    return done
