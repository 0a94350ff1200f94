"""Writing to the outbox, inside the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from ticketing.hot import insert
from ticketing.models import OutboxEntry


def transaction_number() -> int:
    """PostgreSQL's number of the running transaction; 0 on SQLite, which has one writer at a time."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def publish(entries: Sequence[OutboxEntry]) -> None:
    """Adds `entries`; the caller holds the transaction in which the change itself is made."""
    number = transaction_number() if entries else 0
    for entry in entries:
        entry.xid = number
    if len(entries) == 1:
        insert(entries[0])
    else:
        OutboxEntry.objects.bulk_create(entries)
