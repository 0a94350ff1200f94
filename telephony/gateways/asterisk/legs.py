"""Birth and death of legs: a call begins, is placed by us, ends; a seat leaves it."""

from __future__ import annotations

from collections.abc import Iterator

from telephony.ami import Message
from telephony.gateways.asterisk.known import OUTWARD, SURVEY, Known, Leg, number_of, origin, seat_of
from telephony.gateways.events import CallEvent, Happening, Kind


class Legs(Known):
    """Newchannel and Hangup."""

    __slots__ = ()

    def new_channel(self, message: Message) -> Iterator[Happening]:
        unique, linked, channel = message.get("Uniqueid"), message.get("Linkedid"), message.get("Channel")
        seat = seat_of(channel)
        if seat:
            self.legs[unique] = Leg(linked, seat=seat, channel=channel)
        if unique == linked and unique.startswith((OUTWARD, SURVEY)):
            yield self.placed(message, seat)
        elif not seat and linked.startswith(OUTWARD) and self.callers.get(linked) == "":
            if not channel.startswith("Local/"):  # the citizen that we dial
                self.callers[linked], self.ends[unique] = channel, linked
        elif not seat and unique == linked and message.get("Context").startswith("from-"):
            self.callers[unique], self.ends[unique] = channel, unique
            yield self.event(
                Kind.ARRIVED, message, unique, number=number_of(message), line=message.get("Exten"),
                data={"channel": channel, **origin(message.get("Context"))},
            )  # fmt: skip

    def placed(self, message: Message, seat: str) -> CallEvent:
        """A call of ours begins: with a seat its phone is rung first and the citizen's leg follows."""
        call, channel = message.get("Uniqueid"), message.get("Channel")
        self.callers[call] = "" if seat else channel
        if not seat:
            self.ends[call] = call
        number = self.numbers.pop(call, "")
        return self.event(Kind.OUTBOUND, message, call, number=number, seat=seat, data={"channel": channel})

    def hangup(self, message: Message) -> Iterator[Happening]:
        unique = message.get("Uniqueid")
        leg = self.legs.pop(unique, None)
        if leg is not None:
            yield from self.seat_gone(message, unique, leg)
            return
        if unique in self.parties:
            yield self.party(Kind.PARTY_LEFT, message, *self.parties.pop(unique))
            return
        call = self.ends.pop(unique, "")
        own = self.legs.get(call)
        if call.startswith(OUTWARD) and own is not None and not own.talking:
            self.callers[call] = ""  # not reached: the seat's leg hears why and ends the call
        elif call:
            yield self.ended(message, call)

    def ended(self, message: Message, call: str) -> CallEvent:
        self.callers.pop(call, None)
        return self.event(Kind.ENDED, message, call, call=call, data={"cause": int(message.get("Cause") or 0)})

    def seat_gone(self, message: Message, unique: str, leg: Leg) -> Iterator[Happening]:
        if leg.talking:
            data = {"by": leg.by or "unknown"}
            yield self.event(Kind.LEG_ENDED, message, unique, call=leg.call, leg=unique, seat=leg.seat, data=data)
        if unique == leg.call and self.callers.get(unique) == "":
            yield self.ended(message, unique)  # a call of ours that reached nobody
