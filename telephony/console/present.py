"""The console's whole truth in one answer: the page shows exactly this, with or without its socket.

What is known of a caller is in `popup`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from telephony.calls.state import Status
from telephony.models import (
    Call,
    CallbackRequest,
    CallbackState,
    Draft,
    OutageNotice,
    Queue,
    SeatMessage,
    SeatMode,
    SeatState,
    Transfer,
    Trunk,
)
from ticketing.exchange.models import Peer
from ticketing.privacy.crypto import open_box

#: outages as the pages know them; who publishes or ends one deletes it from the cache
NOTICES = "console-notices"
NOTICES_READ, NOTICES_SHOWN = 100, 10
#: the leaders' messages, kept the same way
MESSAGES = "console-messages"
MESSAGES_READ, MESSAGES_SHOWN, MESSAGES_AGE = 500, 5, timedelta(hours=8)


def present(seat: SeatState, call: Call | None) -> dict[str, object]:
    """Seat, its `current_call`, transfer, notices. The number goes to the ringing or talking agent only."""
    return {
        "seat": {
            "extension": seat.extension, "mode": seat.mode, "label": SeatMode(seat.mode).label, "reason": seat.reason,
            "since": seat.since.isoformat(), "until": seat.until.isoformat() if seat.until else None,
            "reachable": seat.reachable, "version": seat.version, "queues": seat.queues,
            "own_call": seat.own_call,
        },
        "call": of_call(call) if call else None,
        "notices": notices(timezone.now()),
        "peers": peers(),
        "callback": callback(seat),
        "messages": messages(seat),
    }  # fmt: skip


def callback(seat: SeatState) -> dict[str, object] | None:
    """The owed call that this seat dials, talks on or is finishing."""
    if not seat.call.startswith("out-"):
        return None
    row = CallbackRequest.objects.filter(dialled=seat.call, staff=seat.staff_id).first()
    if row is None:
        return None
    settled = "" if row.state == CallbackState.TAKEN else row.get_state_display()
    return {"id": row.pk, "kind": row.get_kind_display(), "tries": row.tries, "state": settled}


def notices(now: datetime) -> list[dict[str, object]]:
    """Outages in force. Read once a second, not once a page: fifty ask for the same several times a second."""
    found: list[OutageNotice] | None = cache.get(NOTICES)
    if found is None:
        found = list(OutageNotice.objects.filter(ends_at__gt=now)[:NOTICES_READ])
        cache.set(NOTICES, found, 1)
    shown = [n for n in found if n.starts_at <= now < n.ends_at][:NOTICES_SHOWN]
    return [{"id": n.pk, "text": n.text, "until": n.ends_at.isoformat()} for n in shown]


def messages(seat: SeatState) -> list[dict[str, object]]:
    """The newest of the leaders' messages to this seat or to all. Read once a second, as the notices are."""
    found: list[SeatMessage] | None = cache.get(MESSAGES)
    if found is None:
        found = list(SeatMessage.objects.filter(created_at__gt=timezone.now() - MESSAGES_AGE)[:MESSAGES_READ])
        cache.set(MESSAGES, found, 1)
    mine = [m for m in found if m.seat in ("", seat.extension)][:MESSAGES_SHOWN]
    return [{"id": m.pk, "text": m.text, "at": m.created_at.isoformat()} for m in mine]


def peers() -> list[dict[str, str]]:
    """Other hotlines that a caller can be handed to. Read every ten seconds."""
    found: list[dict[str, str]] | None = cache.get("console-peers")
    if found is None:
        found = _peers()
        cache.set("console-peers", found, 10)
    return found


def _peers() -> list[dict[str, str]]:
    rows = Trunk.objects.filter(kind="peer", active=True).exclude(host="")
    names = dict(Peer.objects.filter(active=True).exclude(trunk="").values_list("trunk", "name"))
    return [{"target": f"peer-{row.name}", "name": names.get(row.name, row.name)} for row in rows.order_by("name")]


def current_call(seat: SeatState) -> Call | None:
    """The call that rings or talks here, or that this seat is finishing."""
    if not seat.call:
        return None
    return Call.objects.filter(node=seat.node, call=seat.call).first()


def of_call(call: Call) -> dict[str, object]:
    number = open_box(call.number_box)
    transfer = Transfer.objects.filter(call=call, inbound=False).order_by("-id").first()
    return {
        "id": call.call, "status": call.status, "number": number or "", "line": call.line, "queue": call.queue,
        "queue_label": queue_labels().get(call.queue, call.queue),
        "open": call.status != Status.ENDED, "talking": bool(call.leg), "held": call.held,
        "arrived_at": _iso(call.arrived_at), "queued_at": _iso(call.queued_at), "answered_at": _iso(call.answered_at),
        "parties": call.parties, "lost_legs": call.lost_legs, "rating": call.rating,
        "transfer": {
            "mode": transfer.mode, "target": transfer.target, "outcome": transfer.outcome,
            "label": transfer.get_outcome_display(), "seat": transfer.seat,
        } if transfer else None,
    }  # fmt: skip


def queue_labels() -> dict[str, str]:
    """What people call the queues. Read once a minute: every page asks every few seconds."""
    found: dict[str, str] | None = cache.get("queue-labels")
    if found is None:
        found = dict(Queue.objects.values_list("name", "label"))
        cache.set("queue-labels", found, 60)
    return found


def _iso(moment: object) -> str | None:
    return moment.isoformat() if moment is not None else None  # type: ignore[attr-defined]


def draft(call: str, staff_id: int) -> dict[str, object] | None:
    row = Draft.objects.filter(call=call, staff_id=staff_id).first()
    return {"content": open_box(row.content_box), "version": row.version} if row else None
