"""The share answered within N working days: one definition for the export and the supervision list.

DOMAIN "How to read the limits": the day after acceptance is day 1, due at 24:00 local of day N. A ticket counts when it
was answered, or when its N days are over; one that still has time counts in neither.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from directory.worktime.limits import working_days
from directory.worktime.source import calendar_for
from ticketing.models import Ticket
from ticketing.terms import Status

#: ended without an answer of a unit: no answer was due
NOT_EVALUATED = (Status.MERGED, Status.WITHDRAWN, Status.TO_110, Status.TO_PLATFORM, Status.REFUSED)


def within(ticket: Ticket, days: int, now: datetime | None = None) -> bool | None:
    """Whether the ticket was answered within `days` working days of acceptance; None while that is open."""
    due_at = working_days(ticket.created_at, days, calendar_for(ticket.city_id)).due_at
    if ticket.replied_at is not None:
        return ticket.replied_at <= due_at
    return False if due_at < (now or timezone.now()) else None


def answered_within(tickets: QuerySet[Ticket], days: int, now: datetime | None = None) -> tuple[int, int]:
    """(answered in time, answered or overdue) over `tickets`; one pass with three columns."""
    good = total = 0
    moment = now or timezone.now()
    rows = tickets.exclude(status__in=NOT_EVALUATED).only("created_at", "replied_at", "city_id")
    for ticket in rows.iterator(chunk_size=2000):
        value = within(ticket, days, moment)
        if value is not None:
            total += 1
            good += value
    return good, total


def shares(tickets: QuerySet[Ticket], now: datetime | None = None) -> dict[int, tuple[int, int]]:
    """The same for 3, 5 and 10 working days."""
    return {days: answered_within(tickets, days, now) for days in (3, 5, 10)}
