"""Journal and rows: append events in batches, keep the rows that follow from them. Only the bridge calls `append`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from telephony.calls.state import CallState, Outcome, Status, fold
from telephony.gateways import events as normalised
from telephony.models import Call, CallEvent
from ticketing.models import OutboxEntry
from ticketing.outbox.publish import publish
from ticketing.outbox.topics import CALL
from ticketing.privacy.crypto import keyed_hash, open_box, seal

SAME = (
    "line", "queue", "channel", "seat", "leg", "leg_channel", "ringing_seat", "arrived_at", "queued_at", "answered_at",
    "ended_at", "talk_since", "talk_seconds", "held", "lost_legs", "transfers", "rating", "callback_asked", "recorded",
    "outbound", "events",
)  # fmt: skip
COLUMNS = ["status", "outcome", "number_box", "number_hash", "seats", "missed", "parties", *SAME]


def to_row(event: normalised.CallEvent) -> CallEvent:
    return CallEvent(
        node=event.node, call=event.call, kind=event.kind.value, at=event.at, key=event.key[:240], leg=event.leg,
        seat=event.seat, queue=event.queue, number_box=seal(event.number), line=event.line[:30], data=dict(event.data),
    )  # fmt: skip


def from_row(row: CallEvent) -> normalised.CallEvent:
    return normalised.CallEvent(
        kind=normalised.Kind(row.kind), node=row.node, call=row.call, at=row.at, key=row.key, leg=row.leg,
        seat=row.seat, queue=row.queue, number=open_box(row.number_box), line=row.line, data=row.data,
    )  # fmt: skip


def from_call(call: Call) -> CallState:
    """The state that a row holds; `rebuilt` proves that it is the journal's."""
    same = {name: getattr(call, name) for name in SAME}
    return CallState(
        node=call.node, call=call.call, status=Status(call.status), outcome=Outcome(call.outcome),
        number=open_box(call.number_box), seats=tuple(call.seats), missed=tuple(call.missed),
        parties=frozenset(call.parties), **same,
    )  # fmt: skip


def to_call(state: CallState) -> Call:
    same = {name: getattr(state, name) for name in SAME}
    return Call(
        node=state.node, call=state.call, status=state.status.value, outcome=state.outcome.value,
        number_box=seal(state.number), number_hash=keyed_hash("phone", state.number), seats=list(state.seats),
        missed=list(state.missed), parties=sorted(state.parties), **same,
    )  # fmt: skip


def rebuilt(node: str, call: str) -> CallState:
    """The state as the journal alone gives it."""
    rows = CallEvent.objects.filter(node=node, call=call).order_by("id")
    return fold(from_row(row) for row in rows)


def open_states(node: str) -> dict[str, CallState]:
    rows = Call.objects.filter(node=node).exclude(status=Status.ENDED.value)
    return {row.call: from_call(row) for row in rows}


def states(node: str, calls: Iterable[str]) -> dict[str, CallState]:
    return {row.call: from_call(row) for row in Call.objects.filter(node=node, call__in=list(calls))}


def fresh(events: Sequence[normalised.CallEvent]) -> list[normalised.CallEvent]:
    """`events` without those already journalled and without repeats among themselves."""
    by_key = {event.key: event for event in events}
    node = events[0].node
    known = set(CallEvent.objects.filter(node=node, key__in=list(by_key)).values_list("key", flat=True))
    return [event for key, event in by_key.items() if key not in known]


def append(events: Sequence[normalised.CallEvent], cache: dict[str, CallState]) -> list[CallState]:
    """Writes new events and their calls' rows in one transaction; returns the changed states, in order of change.

    `cache` holds the open calls of the node; it is changed only when the transaction stood.
    """
    if not events:
        return []
    with transaction.atomic():
        new = fresh(events)
        missing = {event.call for event in new} - set(cache)
        working = {**states(events[0].node, missing), **{c: cache[c] for c in {e.call for e in new} & set(cache)}}
        before = {call: (state.status, state.rating) for call, state in working.items()}
        for event in new:
            working[event.call] = fold([event], working.get(event.call))
        CallEvent.objects.bulk_create([to_row(event) for event in new])
        changed = list(working.values())
        Call.objects.bulk_create(
            [to_call(state) for state in changed],
            update_conflicts=True, unique_fields=["node", "call"], update_fields=COLUMNS,
        )  # fmt: skip
        # told once at the end, and again when a rating arrives after it: each call that was rated has a review
        told = [s for s in changed if not s.open and before.get(s.call) != (Status.ENDED, s.rating)]
        publish([_entry(state) for state in told])
    for state in changed:
        if state.open:
            cache[state.call] = state
        else:
            cache.pop(state.call, None)
    return changed


def _entry(state: CallState) -> OutboxEntry:
    facts = {
        "node": state.node, "outcome": state.outcome.value, "queue": state.queue, "seat": state.seat,
        "rating": state.rating, "wait_seconds": state.wait_seconds, "talk_seconds": round(state.talk_seconds, 3),
        "arrived_at": state.arrived_at.isoformat() if state.arrived_at else None,
    }  # fmt: skip
    return OutboxEntry(topic=CALL, key=state.call, payload=facts, created_at=timezone.now())


def as_dict(state: CallState) -> dict[str, object]:
    """For comparison and for tools: plain values."""
    return dataclasses.asdict(state)
