"""Seats' phones: there or gone, in use or free, as their own queues tell."""

from __future__ import annotations

from collections.abc import Iterator

from telephony.ami import Message
from telephony.gateways.asterisk.known import ENGAGED, Known, seat_of
from telephony.gateways.events import Happening, SeatEvent, SeatKind, moment


class Members(Known):
    """QueueMemberStatus."""

    __slots__ = ()

    def member(self, message: Message) -> Iterator[Happening]:
        seat = seat_of(message.get("Interface") or message.get("StateInterface"))
        if not seat or message.get("Queue") != f"seat-{seat}":
            return
        status, at = message.get("Status"), moment(float(message.get("Timestamp", "0")))
        kind = SeatKind.UNREACHABLE if status in ("4", "5", "0") else SeatKind.REACHABLE
        if self.seats.get(seat) != kind:
            self.seats[seat] = kind
            yield SeatEvent(kind, self.node, seat, at)
        if status in ENGAGED and seat not in self.engaged:
            self.engaged.add(seat)
            yield SeatEvent(SeatKind.ENGAGED, self.node, seat, at)
        elif status not in ENGAGED and seat in self.engaged:
            self.engaged.discard(seat)
            yield SeatEvent(SeatKind.FREE, self.node, seat, at)
