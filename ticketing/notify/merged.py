"""并单: whoever was merged into another ticket is told what becomes of it, each under the own number."""

from __future__ import annotations

from collections.abc import Sequence

from ticketing.lifecycle.table import Action
from ticketing.models import Notice, OutboxEntry, Ticket, TicketEvent
from ticketing.outbox import topics
from ticketing.outbox.reading import Listener, register
from ticketing.terms import Status

from .telling import tell


def connect() -> None:
    register(Listener("merged", hear, frozenset({topics.TICKET})))


def hear(entries: Sequence[OutboxEntry]) -> None:
    """Every message that an action sent to the master's citizen goes to those of the merged tickets too, once."""
    masters = {entry.ticket_id for entry in entries if entry.ticket_id is not None}
    followers: dict[int, list[Ticket]] = {}
    for ticket in Ticket.objects.filter(master_id__in=masters, status=Status.MERGED).order_by("pk"):
        followers.setdefault(ticket.master_id or 0, []).append(ticket)
    for entry in entries:
        for ticket in followers.get(entry.ticket_id or 0, ()):
            for message in _messages(entry):
                _pass_on(message, ticket, str(entry.payload["number"]))


def _messages(entry: OutboxEntry) -> list[Notice]:
    beginning = f"{entry.payload['number']}:{entry.payload['seq']}:"
    rows = Notice.objects.filter(ticket=entry.ticket_id, audience="citizen", key__startswith=beginning)
    return list(rows.order_by("pk"))


def _pass_on(message: Notice, ticket: Ticket, number: str) -> None:
    merged = TicketEvent.objects.filter(ticket=ticket, action=Action.MERGE).order_by("-seq").first()
    if merged is None or message.created_at < merged.at:  # what happened before is told by the master's page
        return
    tell(
        key=f"{ticket.number}:{message.key}"[:120], ticket=ticket, audience="citizen", means="auto",
        template=message.template, text=message.text.replace(number, ticket.number), created_at=message.created_at,
        next_try_at=message.created_at,
    )  # fmt: skip
