"""After a gap: which events make our picture agree with what the network says now. Pure.

A call that we think open and the network does not know ended at an unknown moment; its row says so. A call that lives
there and not here is taken in with what can be seen. Running it twice on the same snapshot adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from telephony.calls.state import CallState, Status
from telephony.gateways.events import CallEvent, Kind, LiveCall, Snapshot


def reconcile(snapshot: Snapshot, known: Iterable[CallState]) -> list[CallEvent]:
    """Events for the journal, in order of call. `known` are the open calls of that node."""
    live = {call.call: call for call in snapshot.calls}
    here = {state.call: state for state in known}
    events = [_gone(snapshot, state) for call, state in sorted(here.items()) if call not in live]
    for call, found in sorted(live.items()):
        state = here.get(call)
        if state is None or differs(state, found):
            events.append(_found(snapshot, found))
    return events


def differs(state: CallState, live: LiveCall) -> bool:
    if live.seat:
        return state.seat != live.seat or state.status != Status.TALKING
    if live.queue:
        return state.status not in (Status.QUEUED, Status.RINGING)
    return state.status == Status.TALKING


def _gone(snapshot: Snapshot, state: CallState) -> CallEvent:
    key = f"{state.call}:{Kind.END_UNKNOWN}"
    return CallEvent(Kind.END_UNKNOWN, snapshot.node, state.call, snapshot.at, key)


def _found(snapshot: Snapshot, live: LiveCall) -> CallEvent:
    return CallEvent(
        Kind.FOUND,
        snapshot.node,
        live.call,
        snapshot.at,
        f"{live.call}:{Kind.FOUND}:{snapshot.at.timestamp()}",
        leg=live.leg,
        seat=live.seat,
        queue=live.queue,
        number=live.number,
        line=live.line,
        data={"channel": live.channel},
    )
