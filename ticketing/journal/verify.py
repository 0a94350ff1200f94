"""Verification: every journal is chained, complete, anchored, and replays to the row it belongs to."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from ticketing.clocks.recompute import compare
from ticketing.models import Clock, Ticket, TicketEvent

from . import anchor, chain

CHUNK = 500


@dataclass(frozen=True)
class Fault:
    """The first thing wrong with a ticket: its number, the journal position (0: the row itself), and what."""

    number: str
    seq: int
    what: str


def faults(tickets: QuerySet[Ticket] | None = None) -> Iterator[Fault]:
    """Every ticket's first fault, and every anchored ticket that is gone."""
    try:
        anchored = {head.number: head for head in anchor.read()}
    except anchor.AnchorBroken as error:
        yield Fault("", 0, f"anchor: {error}")
        anchored = {}
    seen: set[str] = set()
    rows = Ticket.objects.order_by("pk") if tickets is None else tickets.order_by("pk")
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        events: dict[int, list[TicketEvent]] = {ticket.pk: [] for ticket in chunk}
        for event in TicketEvent.objects.filter(ticket_id__in=list(events)).order_by("ticket_id", "seq"):
            events[event.ticket_id].append(event)
        clocks: dict[int, list[Clock]] = {ticket.pk: [] for ticket in chunk}
        for clock in Clock.objects.filter(ticket_id__in=list(clocks)).order_by("pk"):
            clocks[clock.ticket_id].append(clock)
        for ticket in chunk:
            seen.add(ticket.number)
            fault = check(ticket, events[ticket.pk], anchored.get(ticket.number))
            fault = fault or _clocks(ticket, events[ticket.pk], clocks[ticket.pk])
            if fault is not None:
                yield fault
    if tickets is None:
        for number, head in anchored.items():
            if number not in seen:
                yield Fault(number, head.seq, "the ticket was deleted: the anchor knows it")


def check(ticket: Ticket, events: list[TicketEvent], head: anchor.Head | None) -> Fault | None:
    """The first fault of one ticket, or None."""
    previous = ""
    state: dict[str, object] = {}
    status = ""
    for position, event in enumerate(events, start=1):
        event.ticket = ticket
        if event.seq != position:
            return Fault(ticket.number, position, f"event {position} is missing")
        if not hmac.compare_digest(chain.code(event, previous), event.mac):
            return Fault(ticket.number, position, "the event was altered, or put in by somebody without the key")
        if event.from_status != status:
            return Fault(ticket.number, position, "the event does not follow the one before it")
        previous, status = event.mac, event.to_status
        state |= event.data.get("set", {})
    return _ends(ticket, events, previous, head) or _row(ticket, state, len(events))


def _clocks(ticket: Ticket, events: list[TicketEvent], clocks: list[Clock]) -> Fault | None:
    """Compares the ticket's clocks with what its events tell of them."""
    for found in compare(ticket, events, clocks):
        what = f"{found.what} is {found.stored}, the journal says {found.computed}"
        return Fault(ticket.number, 0, f"the {found.clock} clock was edited outside the journal: {what}")
    return None


def _ends(ticket: Ticket, events: list[TicketEvent], mac: str, head: anchor.Head | None) -> Fault | None:
    if not events:
        return Fault(ticket.number, 0, "the ticket has no journal")
    if ticket.version != len(events) or ticket.head_mac != mac:
        return Fault(ticket.number, len(events), "the tail of the journal was cut, or the ticket's head was edited")
    if head is not None and len(events) < head.seq:
        return Fault(ticket.number, len(events) + 1, "the tail of the journal was cut: the anchor knows a later event")
    if head is not None and events[head.seq - 1].mac != head.mac:
        return Fault(ticket.number, head.seq, "the event differs from the one that was anchored")
    return None


def _row(ticket: Ticket, state: dict[str, object], seq: int) -> Fault | None:
    """Compares the replayed columns with the row."""
    names = {name.removesuffix("_digest") for name in state}
    actual = chain.replayed(ticket, names)
    for name, expected in state.items():
        if actual.get(name) != expected:
            return Fault(
                ticket.number, 0, f"the ticket's {name.removesuffix('_digest')} was edited outside the journal"
            )
    return None
