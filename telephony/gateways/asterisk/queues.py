"""The queue: who waits, whom it rings, who missed it, who talks."""

from __future__ import annotations

from collections.abc import Iterator

from telephony.ami import Message
from telephony.gateways.asterisk.known import Known, Leg, seat_of
from telephony.gateways.events import Happening, Kind


class Queues(Known):
    """The Queue… and Agent… events."""

    __slots__ = ()

    def joined(self, message: Message) -> Iterator[Happening]:
        yield self.event(
            Kind.QUEUED, message, message.get("Queue"), queue=message.get("Queue"),
            data={"position": int(message.get("Position") or 0)},
        )  # fmt: skip

    def abandoned(self, message: Message) -> Iterator[Happening]:
        yield self.event(Kind.ABANDONED, message, message.get("Queue"), queue=message.get("Queue"))

    def called(self, message: Message) -> Iterator[Happening]:
        seat, leg = seat_of(message.get("Interface")), message.get("DestUniqueid")
        yield self.event(
            Kind.RINGING, message, leg, leg=leg, seat=seat, queue=message.get("Queue"),
            data={"channel": message.get("DestChannel")},
        )  # fmt: skip

    def unanswered(self, message: Message) -> Iterator[Happening]:
        seat, leg = seat_of(message.get("Interface")), message.get("DestUniqueid")
        yield self.event(Kind.MISSED, message, leg or seat, leg=leg, seat=seat, queue=message.get("Queue"))

    def connected(self, message: Message) -> Iterator[Happening]:
        leg = message.get("DestUniqueid")
        known = self.legs.setdefault(leg, Leg(message.get("Linkedid"), seat=seat_of(message.get("Interface"))))
        known.talking = True
        yield self.event(
            Kind.CONNECTED, message, leg, leg=leg, seat=known.seat, queue=message.get("Queue"),
            data={"channel": message.get("DestChannel")},
        )  # fmt: skip

    def completed(self, message: Message) -> Iterator[Happening]:
        """Tells who ended the talk; the end itself is the leg's Hangup."""
        leg = self.legs.get(message.get("DestUniqueid"))
        if leg is not None:
            leg.by = message.get("Reason")
        return iter(())
