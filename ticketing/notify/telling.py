"""Messages that no action on a ticket brings along: invitations to rate, codes, alarms, news for a unit's desk."""

from __future__ import annotations

from ticketing.journal import ledger
from ticketing.models import Notice
from ticketing.writing import writing


def tell(*, key: str, **columns: object) -> tuple[Notice, bool]:
    """Stores the message unless one with its key is there, and puts it on record; returns it, and whether it is new."""
    with writing():
        notice, new = Notice.objects.get_or_create(key=key, defaults=columns)
        if new:
            ledger.note(notice, new=True)
    return notice, new
