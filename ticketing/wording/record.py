"""The record of changes: written with each change, in its transaction, and kept in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from ticketing.journal import ledger
from ticketing.models import WordingChange
from ticketing.wording import following


def note(
    subject: str,
    name: str,
    what: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    by: int,
    at: datetime,
) -> WordingChange:
    """Who (`by`, a staff id) changed what of `subject` (word, keyword, rule). Inside the transaction of the change."""
    row = WordingChange.objects.create(
        subject=subject,
        name=name,
        what=what,
        before=dict(before or {}),
        after=dict(after or {}),
        by_id=by,
        at=at,
    )
    ledger.note(row, new=True)
    transaction.on_commit(following.changed)
    return row
