"""Keeping the rollups: what changed is counted anew, and the difference to before moves the daily rows.

It depends on what the rows say now, not on the event: hearing an event twice, late or out of order changes nothing, and
a correction of the past moves the numbers of the right day.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from dashboards.measures.pairs import CUTS
from dashboards.models import Counted, Daily, Monthly, RollupState
from telephony.models import Call
from ticketing.models import OutboxCursor, OutboxEntry
from ticketing.outbox import reading, topics
from ticketing.outbox.reading import Listener

from . import cells
from .facts import Key, definitions, facts, moved

TOPICS = frozenset({topics.TICKET, topics.CALL, topics.REVIEW})
#: subjects counted in one go, and rows written by one statement (SQLite takes at most 32,766 values)
PORTION = 400
ROWS = 4000


def listener() -> Listener:
    """What the outbox calls; registered by the app."""
    return Listener("rollups", hear, TOPICS)


def catch_up() -> int:
    """Hears everything that waits in the outbox now; does nothing while a living worker holds the listener."""
    total = 0
    while count := reading.run(listener()):
        total += count
    return total


def waiting() -> QuerySet[OutboxEntry]:
    """Changes that the rollups have not heard yet."""
    cursor = OutboxCursor.objects.filter(pk=listener().name).first()
    return OutboxEntry.objects.filter(reading.unheard(cursor), topic__in=list(listener().topics))


def hear(entries: Sequence[OutboxEntry]) -> None:
    """The outbox listener."""
    tickets = {entry.ticket_id for entry in entries if entry.ticket_id is not None}
    calls = {entry.key for entry in entries if entry.topic == topics.CALL}
    reviews = {int(entry.key) for entry in entries if entry.topic == topics.REVIEW}
    refresh("ticket", sorted(tickets))
    if calls:
        refresh("call", list(Call.objects.filter(call__in=calls).order_by("pk").values_list("pk", flat=True)))
    refresh("review", sorted(reviews))
    # a review shows in its ticket's figures, and a ticket's kind and region in its reviews'
    refresh("review", _reviews_of(tickets) if tickets else [])


def _reviews_of(tickets: Iterable[int]) -> list[int]:
    from ticketing.reviews.models import Review

    return list(Review.objects.filter(ticket__in=list(tickets)).order_by("pk").values_list("pk", flat=True))


def refresh(subject: str, ids: Sequence[int]) -> int:
    """Counts the subjects anew; returns how many rollup rows moved. Safe beside another process doing the same."""
    moved = 0
    for start in range(0, len(ids), PORTION):
        with transaction.atomic():
            lock()
            moved += _portion(subject, ids[start : start + PORTION])
    return moved


def lock() -> RollupState:
    """One writer of rollups at a time; holds until the transaction ends."""
    state, _ = RollupState.objects.get_or_create(pk=1, defaults={"definitions": definitions()})
    rows = RollupState.objects.filter(pk=1)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    list(rows)
    rows.update(fed_at=timezone.now())
    return state


def _portion(subject: str, ids: Sequence[int]) -> int:
    names = {pk: f"{subject}:{pk}" for pk in ids}
    before = dict(Counted.objects.filter(pk__in=names.values()).values_list("pk", "facts"))
    now = facts(subject, ids)
    delta: Tally[Key] = Tally()
    written: list[Counted] = []
    gone: list[str] = []
    for pk, name in names.items():
        old, new = before.get(name, ""), now.get(pk, "")
        if old == new:
            continue
        delta.update(moved(subject, old, new))
        if new:
            written.append(Counted(subject=name, facts=new))
        else:
            gone.append(name)
    Counted.objects.bulk_create(
        written, update_conflicts=True, unique_fields=["subject"], update_fields=["facts"], batch_size=500
    )
    if gone:
        Counted.objects.filter(pk__in=gone).delete()
    return apply(delta)


def apply(delta: Tally[Key]) -> int:
    """Adds the differences to the rows, making those that are missing; returns how many days' of single breakdowns."""
    changed = [(*key, n) for key, n in sorted(delta.items()) if n and key[1] not in CUTS]
    cells.add((*key, n) for key, n in delta.items() if n and key[1] in CUTS)
    months: Tally[Key] = Tally()
    for city, cut, counter, day, key, n in changed:
        months[city, cut, counter, f"{day[:7]}-01", key] += n
    _add(Daily._meta.db_table, "day", changed)
    _add(Monthly._meta.db_table, "month", [(*key, n) for key, n in sorted(months.items()) if n])
    return len(changed)


def _add(table: str, column: str, changed: list[tuple[str, str, str, str, str, int]]) -> None:
    # additive, so that a row is never read first
    added = f"ON CONFLICT (city, cut, counter, {column}, key) DO UPDATE SET n = {table}.n + excluded.n"
    into = f"INSERT INTO {table} (city, cut, counter, {column}, key, n)"
    with connection.cursor() as cursor:
        for start in range(0, len(changed), ROWS):
            rows = changed[start : start + ROWS]
            if connection.vendor == "postgresql":
                arrays = [list(values) for values in zip(*rows, strict=True)]
                cursor.execute(f"{into} SELECT * FROM unnest({_ARRAYS}) {added}", arrays)
            else:
                values = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(rows))
                cursor.execute(f"{into} VALUES {values} {added}", [item for row in rows for item in row])


#: one array per column: a statement of the same length for any number of rows
_ARRAYS = "%s::text[], %s::text[], %s::text[], %s::date[], %s::text[], %s::int[]"
