"""The screen pop: who calls, from where, what is open, what was before, what else happens at that place today."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from telephony.calls.state import Outcome
from telephony.console.present import draft, of_call
from telephony.models import Call
from ticketing.lifecycle.actors import Actor
from ticketing.models import Identity, Note, Ticket
from ticketing.terms import OPEN
from ticketing.visibility import visible

HISTORY = 20
EARLIER = 10
NOTES = 5
OUTCOMES = {
    Outcome.ANSWERED: "接通", Outcome.ABANDONED: "放弃", Outcome.OVERFLOWED: "未接入", Outcome.BLOCKED: "拦截",
    Outcome.SHORT: "未排队", Outcome.EMERGENCY: "转110", Outcome.OUTBOUND: "回拨", Outcome.UNKNOWN: "结束不明",
}  # fmt: skip
LEAST_PLACE = 4  # characters before a place is one


def popup(call: Call, actor: Actor, shown: object = None) -> dict[str, object]:
    """For the ringing or talking agent only. `shown`: the call as `of_call` gives it, when it is at hand."""
    own = draft(call.call, actor.staff_id) if actor.staff_id else None
    return {"call": shown or of_call(call), "caller": caller(call, actor), "draft": own}


def caller(call: Call, actor: Actor) -> dict[str, object]:
    """What is known of this number, as far as the agent may know of it: open tickets first, then the rest, then calls.

    `region` and `place` are those of the matter that this caller most likely calls about: the newest open ticket, else
    the newest one; `today` counts the other tickets of that place today.
    """
    if not call.number_hash:
        return {"known": False, "tickets": [], "calls": [], "notes": [], "region": "", "place": "", "today": 0}
    tickets = own_tickets(call.number_hash, actor)
    earlier = Call.objects.filter(number_hash=call.number_hash).exclude(pk=call.pk).order_by("-arrived_at")
    calls = [
        {"at": c.arrived_at.isoformat() if c.arrived_at else None, "seat": c.seat, "seconds": round(c.talk_seconds),
         "outcome": OUTCOMES.get(Outcome(c.outcome), "进行中")}
        for c in earlier.only("arrived_at", "seat", "talk_seconds", "outcome")[:EARLIER]
    ]  # fmt: skip
    likely = tickets[0] if tickets else None
    return {
        "known": bool(tickets or calls),
        "tickets": [
            {"number": t.number, "title": t.title, "status": t.get_status_display(), "open": t.status in OPEN,
             "created_at": t.created_at.isoformat(), "place": t.place}
            for t in tickets
        ],
        "calls": calls,
        "notes": notes(tickets),
        "region": likely.region.name if likely and likely.region else "",
        "place": likely.place if likely else "",
        "today": burst(likely.place, but=likely.pk) if likely else 0,
    }  # fmt: skip


def own_tickets(number_hash: str, actor: Actor) -> list[Ticket]:
    """The newest tickets filed with this number that the agent may know of, open ones first."""
    ids = list(Identity.objects.filter(phone_hash=number_hash).values_list("ticket_id", flat=True))
    if not ids:  # most callers: nothing to look up
        return []
    rows = visible(actor, Ticket.objects.filter(pk__in=ids)).select_related("region").defer("public_answer")
    return sorted(rows.order_by("-created_at")[:HISTORY], key=lambda ticket: ticket.status not in OPEN)


def notes(tickets: list[Ticket]) -> list[dict[str, str]]:
    """The newest notes on this caller's tickets."""
    numbers = {ticket.pk: ticket.number for ticket in tickets}
    rows = Note.objects.filter(ticket__in=numbers).order_by("-created_at", "-id")[:NOTES] if numbers else []
    return [
        {"ticket": numbers[row.ticket_id], "text": row.text[:200], "at": row.created_at.isoformat()} for row in rows
    ]


def burst(place: str, but: int = 0, now: datetime | None = None) -> int:
    """Other tickets at the same place today: a burst is news to the agent."""
    text = place.strip()
    if len(text) < LEAST_PLACE:
        return 0
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Ticket.objects.filter(created_at__gte=midnight, place__contains=text).exclude(pk=but).count()
