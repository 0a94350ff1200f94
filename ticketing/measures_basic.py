"""The share answered within N working days: one definition for the export and the supervision list.

The day after acceptance is day 1, due at 24:00 local of day N. The working day on which a ticket was answered is kept
beside `replied_at`, so that a share over all tickets is one indexed count.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from directory.worktime.source import calendar_for
from directory.worktime.times import last_day, local
from ticketing.models import Ticket

DAYS = (3, 5, 10)


def working_day_of_answer(created_at: datetime, replied_at: datetime, region: str | None) -> int:
    """The smallest N such that the answer came at or before 24:00 of the N-th working day; at least 1."""
    calendar = calendar_for(region)
    first, last = local(created_at).date(), last_day(replied_at)
    whole = calendar.count(first, last) if last > first else 0
    return max(1, whole if calendar.is_working(last) else whole + 1)


def within(ticket: Ticket, days: int) -> bool | None:
    """Whether the ticket was answered within `days` working days of acceptance; None when it was not answered."""
    if ticket.replied_at is None:
        return None
    return working_day_of_answer(ticket.created_at, ticket.replied_at, ticket.city_id) <= days


def answered_within(tickets: QuerySet[Ticket], days: int) -> tuple[int, int]:
    """(answered within `days` working days, answered) over `tickets`."""
    return shares(tickets)[days]


def shares(tickets: QuerySet[Ticket]) -> dict[int, tuple[int, int]]:
    """(in time, answered) for 3, 5 and 10 working days, in one statement."""
    answered = tickets.filter(answered_in_days__isnull=False)
    counts = answered.aggregate(
        total=Count("pk"), **{f"in_{days}": Count("pk", filter=Q(answered_in_days__lte=days)) for days in DAYS}
    )
    return {days: (counts[f"in_{days}"], counts["total"]) for days in DAYS}
