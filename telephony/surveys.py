"""满意度回访 by robot: who is owed one, three tries at decent hours, and what the answer does to the ticket."""

from __future__ import annotations

from datetime import datetime

from telephony.callbacks import decent, settle
from telephony.gateways.sip.talk import Result
from telephony.models import CallbackRequest, CallbackState
from ticketing.errors import TicketError
from ticketing.lifecycle.actions.checking import RecordCallback
from ticketing.lifecycle.actors import SYSTEM
from ticketing.lifecycle.engine import act
from ticketing.models import Identity, Ticket
from ticketing.privacy.crypto import keyed_hash, open_box, seal
from ticketing.terms import CallbackResult, Status


def owe(now: datetime, limit: int = 200, *, any_hour: bool = False) -> int:
    """Queues a survey for tickets that wait for their call-back and have none yet. Returns how many."""
    have = CallbackRequest.objects.filter(kind="survey", ticket__isnull=False).values("ticket_id")
    due = Ticket.objects.filter(status=Status.TO_CALL_BACK, wants_callback=True, anonymous=False).exclude(pk__in=have)
    count = 0
    for ticket in due.order_by("replied_at")[:limit]:
        identity = Identity.objects.filter(ticket=ticket).first()
        number = open_box(identity.phone_box) if identity else ""
        if not number:
            continue
        CallbackRequest.objects.create(
            kind="survey", ticket=ticket, number_box=seal(number), number_hash=keyed_hash("phone", number),
            place_at=ticket.replied_at or now, not_before=now if any_hour else decent(now),
        )  # fmt: skip
        count += 1
    return count


def conclude(row: CallbackRequest, result: Result, now: datetime) -> str:
    """Writes a try into the lifecycle. 1–5 is the handling review; 0 asks for a person; nothing pressed is 未评价."""
    if row.ticket_id is None:
        raise ValueError("a survey belongs to a ticket")
    if result.key in set("12345"):
        level = int(result.key)
        command = RecordCallback(
            result=CallbackResult.REACHED, contacted=True, solved=level >= 3, satisfaction=level, means="robot",
            close=level >= 3,
        )  # fmt: skip
        outcome = "rated"
    elif result.reached:
        row.state, row.settled_at, row.lease_until = CallbackState.REACHED, now, None
        row.save(update_fields=["state", "settled_at", "lease_until"])
        return "person" if result.key == "0" else "unrated"
    else:
        command = RecordCallback(result=CallbackResult.NO_ANSWER, means="robot")
        outcome = "not_reached"
    try:
        act(row.ticket_id, command, actor=SYSTEM, now=now)
    except TicketError as error:
        row.state, row.settled_at = CallbackState.GIVEN_UP, now
        row.save(update_fields=["state", "settled_at"])
        return f"refused: {error.code}"
    settle(row, reached=result.reached, now=now)
    return outcome
