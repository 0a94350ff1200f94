"""What follows from the end of a call: a call-back for whoever was not served, the recording taken in."""

from __future__ import annotations

from django.utils import timezone

from telephony.callbacks import settle
from telephony.calls.state import CallState, Outcome
from telephony.models import CallbackRequest, CallbackState
from ticketing.privacy.crypto import keyed_hash, seal

OWED = frozenset({Outcome.ABANDONED, Outcome.OVERFLOWED})


def settle_outbound(state: CallState) -> None:
    """A call-back that an agent dialled: reached when the two talked, else due again later."""
    row = CallbackRequest.objects.filter(dialled=state.call, state=CallbackState.TAKEN).exclude(kind="survey").first()
    if row is not None:
        settle(row, reached=state.answered_at is not None, now=state.ended_at or timezone.now())


def settle_ended(state: CallState) -> None:
    """漏接回拨: each unserved caller with a number gets one entry, in the order of joining the queue. Idempotent."""
    if state.outbound:
        settle_outbound(state)
        return
    if not state.number:
        return
    number_hash = keyed_hash("phone", state.number)
    if state.outcome == Outcome.ANSWERED:
        CallbackRequest.objects.filter(
            number_hash=number_hash, state=CallbackState.WAITING, kind__in=("abandoned", "asked")
        ).update(state=CallbackState.CALLED_AGAIN, settled_at=timezone.now())
        return
    if state.outcome not in OWED and not state.callback_asked:
        return
    now = timezone.now()
    CallbackRequest.objects.get_or_create(
        kind="asked" if state.callback_asked else "abandoned",
        call=state.call,
        defaults={
            "number_box": seal(state.number), "number_hash": number_hash, "queue": state.queue,
            "place_at": state.queued_at or state.arrived_at or now, "not_before": now,
        },
    )  # fmt: skip
