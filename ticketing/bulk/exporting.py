"""Tickets as CSV: what happened when, what was due, and whether it was in time. No personal data, no texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from ticketing.measures_basic import DAYS, within
from ticketing.models import Clock, Ticket
from ticketing.terms import ClockName, ClockState, Kind, Status

COLUMNS = (
    "id",
    "number",
    "channel",
    "status",
    "kind",
    "category",
    "department",
    "region",
    "urgency",
    "created_at",
    "dispatched_at",
    "signed_at",
    "replied_at",
    "closed_at",
    "dispatch_due_at",
    "sign_due_at",
    "handle_due_at",
    "dispatch_on_time",
    "sign_on_time",
    "handle_on_time",
    "answered_within_3",
    "answered_within_5",
    "answered_within_10",
    "source",
)
CHUNK = 1000
_MEASURED = (ClockName.DISPATCH, ClockName.SIGN, ClockName.HANDLE)


def rows(tickets: QuerySet[Ticket]) -> Iterator[list[str]]:
    """One list of cells per ticket in the order of `COLUMNS`; unknown or not reached is empty."""

    last = 0
    source = tickets.order_by("pk").select_related("category", "lead").defer("body", "public_answer")
    while chunk := list(source.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        clocks = _clocks([ticket.pk for ticket in chunk])
        for ticket in chunk:
            yield [
                *_facts(ticket),
                *_limits(clocks.get(ticket.pk, {})),
                *(_flag(within(ticket, days)) for days in DAYS),
                ticket.source,
            ]


def _clocks(ids: list[int]) -> dict[int, dict[str, Clock]]:
    """The first clock of each measured name, of the ticket or of its leads; the newest dispatch of a unit counts."""
    found: dict[int, dict[str, Clock]] = {}
    wanted = Clock.objects.filter(ticket_id__in=ids, name__in=_MEASURED).exclude(assignment__part="assist")
    wanted = wanted.exclude(assignment__parent__isnull=False).order_by("pk")
    for clock in wanted:
        per_ticket = found.setdefault(clock.ticket_id, {})
        if clock.name != ClockName.DISPATCH or clock.name not in per_ticket:
            per_ticket[clock.name] = clock
    return found


def _facts(ticket: Ticket) -> list[str]:
    return [
        ticket.external_id or "",
        ticket.number,
        ticket.channel,
        str(Status(ticket.status).label),
        str(Kind(ticket.kind).label) if ticket.kind else "",
        ticket.category.path if ticket.category else "",
        ticket.lead.code if ticket.lead else "",
        ticket.region_id or "",
        ticket.urgency,
        *(
            _time(moment)
            for moment in (
                ticket.created_at,
                ticket.dispatched_at,
                ticket.signed_at,
                ticket.replied_at,
                ticket.closed_at,
            )
        ),
    ]


def _limits(clocks: dict[str, Clock]) -> list[str]:
    measured = [clocks.get(name) for name in _MEASURED]
    return [
        *(_time(clock.due_at) if clock and clock.state != ClockState.UNKNOWN else "" for clock in measured),
        *(_flag(_on_time(clock)) for clock in measured),
    ]


def _on_time(clock: Clock | None) -> bool | None:
    """True or False once decided: met, late, or already past its due time; None while open or unknown."""
    if clock is None or clock.state in (ClockState.UNKNOWN, ClockState.CANCELLED):
        return None
    if clock.state == ClockState.MET:
        return True
    if clock.state == ClockState.LATE or clock.breached_at is not None:
        return False
    return False if clock.due_at is not None and clock.due_at < timezone.now() else None


def _time(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else ""


def _flag(value: bool | None) -> str:
    return "" if value is None else str(int(value))
