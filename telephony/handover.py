"""The ticket's data follow the call: who took the caller also gets what was written, through the ticket exchange.

Nobody took the caller: we accept first (首接先行受理); the ledger says so and the ticket stays with us.
"""

from __future__ import annotations

import logging

from telephony.models import Transfer, TransferOutcome
from ticketing.errors import TicketError
from ticketing.exchange import sending
from ticketing.exchange.models import Exchange, Peer, PeerKind
from ticketing.models import Ticket

log = logging.getLogger(__name__)
TAKEN = frozenset({TransferOutcome.JOINED, TransferOutcome.ACCEPTED})
NOT_TAKEN = frozenset({TransferOutcome.BUSY, TransferOutcome.NO_ANSWER, TransferOutcome.UNREACHABLE})


def peer_of(row: Transfer) -> Peer | None:
    """The platform that a transfer went to, when tickets are exchanged with it."""
    rows = Peer.objects.filter(active=True)
    if row.target == "110":
        return rows.filter(kind=PeerKind.POLICE).first()
    trunk = row.target.removeprefix("peer-")
    return rows.filter(trunk=trunk).first() if row.target.startswith("peer-") else None


def bind(ticket: Ticket) -> int:
    """A ticket was saved during or after a call: its transfers are about this ticket. Returns how many data went."""
    if not ticket.call_key:
        return 0
    rows = Transfer.objects.filter(call__call=ticket.call_key, ticket__isnull=True).select_related("call")
    count = 0
    for row in rows:
        Transfer.objects.filter(pk=row.pk).update(ticket=ticket)
        row.ticket = ticket
        count += follow(row) is not None
    return count


def attach(row: Transfer) -> None:
    """A transfer begins: the ticket that this call already made."""
    ticket = Ticket.objects.filter(call_key=row.call.call).order_by("-pk").first()
    if ticket is not None:
        row.ticket = ticket
        row.save(update_fields=["ticket"])


def follow(row: Transfer) -> Exchange | None:
    """After the outcome is known: data after the call, once; a refusal of the rules is no reason to lose the call."""
    if row.outcome not in TAKEN or row.ticket is None or row.inbound:
        return None
    peer = peer_of(row)
    if peer is None:
        return None
    try:
        return sending.queue(
            row.ticket, peer, reason=row.reason or "随电话转接", consent=row.consent, staff_id=row.staff_id,
            call_key=row.call.call,
        )  # fmt: skip
    except TicketError as error:
        log.warning("the data of transfer %s stay here: %s", row.pk, error.code)
        return None


def accepted_first(row: Transfer) -> bool:
    """首接先行受理: the other side was not to be had and the matter is a ticket of ours."""
    return row.outcome in NOT_TAKEN and row.ticket_id is not None
