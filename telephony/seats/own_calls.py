"""Calls that are no caller's: a colleague's, a call-back, listening in. The seat is out of the queue meanwhile."""

from __future__ import annotations

from datetime import datetime

from telephony.gateways.events import SeatEvent, SeatKind
from telephony.gateways.protocol import Gateway
from telephony.models import SeatMode, SeatState
from telephony.seats.book import SeatBook

INNER = "内部通话"
IDLE = frozenset({SeatMode.READY, SeatMode.AFTER, SeatMode.BREAK})


class OwnCalls(SeatBook):
    """Takes a seat out for a call of its own and puts it back where it was."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        self.before: dict[str, tuple[str, str, datetime | None]] = {}  # where an own call found the seat

    def engaged(self, seat: SeatState, at: datetime) -> None:
        """The phone rings or talks and no caller is behind it: whoever looked ready no longer does."""
        if seat.mode in IDLE and not seat.call.startswith("spy-"):
            self.own_call(seat, seat.call, SeatMode.BREAK, INNER, at)

    def on_own_call(self, seat: SeatState | None, event: SeatEvent) -> None:
        if seat is None or seat.mode == SeatMode.OFFLINE:
            return
        if event.kind == SeatKind.ENGAGED:
            self.engaged(seat, event.at)
        elif event.kind == SeatKind.REFUSED or seat.mode != SeatMode.RINGING:  # a call-back's end is in the journal
            self.own_call_over(seat, event.at)

    def own_call(self, seat: SeatState, call: str, mode: str, reason: str, at: datetime) -> None:
        """Out of the queue for a call of the seat's own; `own_call_over` puts it back where it was."""
        self.before[seat.extension] = (seat.mode, seat.reason, seat.until)
        self.pause(seat, True, "own call")
        self.change(seat, mode, at, reason=reason, call=call)

    def own_call_over(self, seat: SeatState, at: datetime) -> None:
        mode, reason, until = self.before.pop(seat.extension, (SeatMode.BREAK, "", None))
        if seat.mode == SeatMode.RINGING and seat.call.startswith("out-"):
            reason = reason if mode == SeatMode.BREAK else ""
        elif not (seat.mode == SeatMode.BREAK and (seat.reason == INNER or seat.call.startswith("spy-"))):
            return
        call = "" if seat.call.startswith(("out-", "spy-")) or mode == SeatMode.READY else seat.call
        if mode == SeatMode.READY and seat.reachable:
            self.pause(seat, False)
            self.change(seat, SeatMode.READY, at, call=call)
        elif mode == SeatMode.AFTER:
            self.change(seat, SeatMode.AFTER, at, until=until or at, call=call)
        else:
            self.change(seat, SeatMode.BREAK, at, reason=reason or "小休", until=until, call=call)
