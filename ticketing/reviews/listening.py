"""Reviews that arise elsewhere: the citizen's rating, the clerk's call-back answer, the keys pressed after a call."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from ticketing.errors import RuleBroken
from ticketing.lifecycle.table import Action
from ticketing.models import Note, OutboxEntry, Ticket, TicketEvent

from . import points, rating
from .terms import ReviewChannel, ReviewKind

log = logging.getLogger(__name__)
#: each begins a new answer, which is rated anew
ROUNDS = (Action.REDO, Action.REOPEN, Action.REOPEN_ANSWER)


def hear_tickets(entries: Sequence[OutboxEntry]) -> None:
    """Turns journal events of ratings and call-backs into handling reviews. Hearing one twice changes nothing."""
    wanted = [entry for entry in entries if entry.payload.get("action") in (Action.RATE, Action.CALL_BACK)]
    events = TicketEvent.objects.select_related("ticket").in_bulk([entry.event_id for entry in wanted])
    for entry in wanted:
        event = events.get(entry.event_id) if entry.event_id else None
        if event is not None:
            _handling(event)


def handling_key(event: TicketEvent) -> str:
    """The subject of a handling review: the ticket's number and how often it had been taken up again."""
    rounds = TicketEvent.objects.filter(ticket=event.ticket_id, action__in=ROUNDS, seq__lt=event.seq).count()
    return f"{event.ticket.number}/{rounds}" if rounds else event.ticket.number


def _handling(event: TicketEvent) -> None:
    clerk = event.action == Action.CALL_BACK
    level = event.data.get("satisfaction" if clerk else "level")
    if not isinstance(level, int):
        return
    ticket = event.ticket
    given = rating.Given(
        kind=ReviewKind.HANDLING,
        key=handling_key(event),
        person=rating.OWNER,
        level=level,
        channel=ReviewChannel.CLERK if clerk else ReviewChannel.PORTAL,
        ticket=ticket,
        remark=_words(event, ticket, clerk),
        real_name=not ticket.anonymous,
        origin_hash="" if clerk else points.number_of(ticket),
    )
    try:
        rating.give(given, now=event.at)
    except RuleBroken as refusal:
        log.info("review of ticket %s kept as it was: %s", ticket.pk, refusal.code)


def _words(event: TicketEvent, ticket: Ticket, clerk: bool) -> str:
    if clerk:
        row = ticket.callbacks.filter(tried_at=event.at).order_by("-pk").first()
        return row.remark if row else ""
    note = Note.objects.filter(ticket=ticket, kind="rating", created_at=event.at).order_by("-pk").first()
    return note.text if note else ""


def hear_calls(entries: Sequence[OutboxEntry]) -> None:
    """The key pressed after a call is the call's review; the call stays an opaque key."""
    for entry in entries:
        level = entry.payload.get("rating")
        if not isinstance(level, int) or not 1 <= level <= 5:
            continue
        given = rating.Given(
            kind=ReviewKind.CALL, key=entry.key, person=rating.OWNER, level=level, channel=ReviewChannel.KEYPAD
        )
        try:
            rating.give(given, now=_arrived(entry))
        except RuleBroken as refusal:
            log.info("review of a call kept as it was: %s", refusal.code)


def _arrived(entry: OutboxEntry) -> datetime:
    """A call's review counts on the day of the call."""
    text = entry.payload.get("arrived_at")
    return datetime.fromisoformat(text) if isinstance(text, str) else entry.created_at
