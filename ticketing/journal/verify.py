"""Verification: every journal is chained, complete, anchored, and replays to the rows that belong to it."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from ticketing.clocks.recompute import compare
from ticketing.models import Clock, Ticket, TicketEvent
from ticketing.outbox import reading

from . import anchor, chain, ledger, rows

CHUNK = 500
_CODE = "query_hash_digest"


@dataclass(frozen=True)
class Fault:
    """The first thing wrong with a ticket: its number, the journal position (0: the row itself), and what."""

    number: str
    seq: int
    what: str


@dataclass
class Tally:
    """What a verification saw. `older`: tickets whose first events carry no digests of the rows beside the ticket.

    Left to the ledger, which is read last: rows that no event of their ticket tells of (`untold`, by name), and tickets
    whose query code is not that of their first event (`recoded`).
    """

    tickets: int = 0
    older: int = 0
    unanchored: dict[int, str] = field(default_factory=dict)
    untold: dict[str, int] = field(default_factory=dict)
    recoded: list[int] = field(default_factory=list)


def faults(tickets: QuerySet[Ticket] | None = None, tally: Tally | None = None) -> Iterator[Fault]:
    """Every ticket's first fault, and every anchored ticket that is gone."""
    seen = tally or Tally()
    anchors = anchor.read()
    for what in anchors.faults:
        yield Fault("", 0, f"anchor: {what}")
    numbers: set[str] = set()
    wanted = Ticket.objects.order_by("pk") if tickets is None else tickets.order_by("pk")
    last = 0
    while chunk := list(wanted.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        numbers.update(ticket.number for ticket in chunk)
        yield from _chunk(chunk, anchors, seen)
    if tickets is None:
        for number, head in anchors.heads.items():
            if number not in numbers and "/" not in number:
                yield Fault(number, head.seq, "the ticket was deleted: the anchor knows it")
        yield from _beyond(seen)


def _chunk(chunk: Sequence[Ticket], anchors: anchor.Anchors, seen: Tally) -> Iterator[Fault]:
    found = _found(chunk, anchors, seen)
    doubtful = [ticket.pk for ticket in chunk if ticket.pk in found]
    if doubtful:  # somebody may have acted while we read: what is altered stays altered
        again = _found(list(Ticket.objects.filter(pk__in=doubtful).order_by("pk")), anchors, None)
        yield from (again[pk] for pk in doubtful if pk in again)


def _found(chunk: Sequence[Ticket], anchors: anchor.Anchors, seen: Tally | None) -> dict[int, Fault]:
    """The first fault of each ticket that has one."""
    ids = [ticket.pk for ticket in chunk]
    beside = rows.of_tickets(ids)
    events: dict[int, list[TicketEvent]] = {pk: [] for pk in ids}
    for event in TicketEvent.objects.filter(ticket_id__in=ids).order_by("ticket_id", "seq"):
        events[event.ticket_id].append(event)
    found = {}
    for ticket in chunk:
        own = events[ticket.pk]
        head = anchors.heads.get(ticket.number)
        clocks = [row for row in beside[ticket.pk] if isinstance(row, Clock)]
        told = rows.told(own)
        fault = check(ticket, own, head) or _clocks(ticket, own, clocks) or _rows(ticket, told, beside[ticket.pk])
        if fault is not None:
            found[ticket.pk] = fault
        if seen is not None:
            seen.tickets += 1
            seen.older += bool(own) and "rows" not in own[0].data
            if head is None:
                seen.unanchored[ticket.pk] = ticket.number
            if fault is None:
                _leave_to_ledger(ticket, own, told, anchors, seen)
    return found


def check(ticket: Ticket, events: list[TicketEvent], head: anchor.Head | None) -> Fault | None:
    """The first fault of one ticket and its events, or None."""
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


def _rows(ticket: Ticket, told: rows.Told, beside: Sequence[rows.Row]) -> Fault | None:
    """Compares the rows beside the ticket with the digests of the events that wrote them."""
    wrong = sorted(told.faults(beside), key=lambda one: one[0])
    return Fault(ticket.number, *wrong[0]) if wrong else None


def _leave_to_ledger(
    ticket: Ticket, events: list[TicketEvent], told: rows.Told, anchors: anchor.Anchors, seen: Tally
) -> None:
    """What only the ledger can tell of a sound ticket. Tickets from before the code's digest are not asked."""
    code = events[0].data.get("set", {}).get(_CODE)
    if told.whole and code is not None:
        seen.untold |= dict.fromkeys(told.unknown, ticket.pk)
    anew = ledger.code_name(ticket.number) in anchors.heads
    if anew or (code is not None and code != chain.digest(ticket.query_hash)):
        seen.recoded.append(ticket.pk)


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
        if name == _CODE:  # may be made anew by its owner, which the ledger tells
            continue
        if actual.get(name) != expected:
            return Fault(
                ticket.number, 0, f"the ticket's {name.removesuffix('_digest')} was edited outside the journal"
            )
    return None


def _beyond(seen: Tally) -> Iterator[Fault]:
    """What needs every line that waits in the outbox: tickets that no file knows, and the rows beside no ticket.

    Silent while the anchor's listener is behind: then lines are still on their way.
    """
    anchor.catch_up()
    if reading.lag().get(anchor.LISTENER, 0):
        return
    heads = anchor.read().heads
    missing = [number for number in seen.unanchored.values() if number not in heads]
    if missing:
        what = f"anchor: no file knows {len(missing)} tickets, the first is {missing[0]}: a file was deleted"
        yield Fault("", 0, what)
    found = _beside(seen, heads)
    if found:  # somebody may have written while we read: what is altered stays altered
        anchor.catch_up()
        again = _beside(seen, anchor.read().heads)
        for name, one in found.items():
            if again.get(name) == one:
                yield Fault(_number(one.ticket_id), 0, f"{one.name} {one.what}")


def _beside(seen: Tally, heads: dict[str, anchor.Head]) -> dict[str, ledger.Wrong]:
    """Each wrong row once; the ticket it belongs to is named where one is known."""
    return {one.name: one for one in (*ledger.wrong(heads), *_untold(seen, heads))}


def _untold(seen: Tally, heads: dict[str, anchor.Head]) -> Iterator[ledger.Wrong]:
    """Of what the tickets' journals left open: what the ledger does not know either."""
    for name, ticket_id in seen.untold.items():
        if name not in heads:
            yield ledger.Wrong(name, ticket_id, ledger.PUT_IN)
    for ticket_id in seen.recoded:
        ticket = Ticket.objects.get(pk=ticket_id)
        head = heads.get(ledger.code_name(ticket.number))
        if head is None or not ledger.code_fits(ticket, head):
            yield ledger.Wrong(f"the query_hash of {ticket.number}", ticket.pk, ledger.EDITED)


def _number(ticket_id: int | None) -> str:
    """The ticket's number; empty for a row of no ticket, or of one that is gone."""
    known = Ticket.objects.filter(pk=ticket_id) if ticket_id else Ticket.objects.none()
    return str(known.values_list("number", flat=True).first() or "")
