"""Transfers, third parties, hold and recording."""

from __future__ import annotations

from collections.abc import Iterator

from telephony.ami import Message
from telephony.gateways.asterisk.known import OUTWARD, SPY, Known, seat_of
from telephony.gateways.events import Happening, Kind, SeatEvent, SeatKind, TransferEvent, moment


class Moves(Known):
    """What happens to a call that is talked on."""

    __slots__ = ()

    def attended(self, message: Message) -> Iterator[Happening]:
        call = message.get("TransfereeLinkedid") or message.get("OrigTransfererLinkedid")
        if message.get("Result") != "Success":  # why is told by the dial plan, before this
            return
        leg = self.legs.get(message.get("OrigTransfererUniqueid"))
        if leg is not None:
            leg.by = "transfer"
        yield self.event(Kind.TRANSFERRED, message, "attended", call=call, data={"mode": "attended"})

    def blind(self, message: Message) -> Iterator[Happening]:
        leg = self.legs.get(message.get("TransfererUniqueid"))
        if leg is not None:
            leg.by = "transfer"
        call = message.get("TransfereeLinkedid") or message.get("TransfererLinkedid")
        yield self.event(
            Kind.TRANSFER, message, "blind", call=call, data={"mode": "blind", "target": message.get("Extension")}
        )

    def originated(self, message: Message) -> Iterator[Happening]:
        unique = message.get("Uniqueid")
        if message.get("Response") == "Failure":
            party = message.get("ActionID").partition("/")[0]
            seat = seat_of(message.get("Channel"))
            if seat and party.startswith((OUTWARD, SPY)) and party not in self.callers:
                yield SeatEvent(SeatKind.REFUSED, self.node, seat, moment(float(message.get("Timestamp", "0"))))
            if party in self.parties:  # stays known: the dial plan may say more precisely why, after this
                reason = {"1": "no_answer", "3": "no_answer", "5": "busy"}.get(message.get("Reason"), "unreachable")
                at = moment(float(message.get("Timestamp", "0")))
                yield TransferEvent(self.node, party, at, False, reason)
        elif unique in self.parties:
            yield TransferEvent(self.node, unique, moment(float(message.get("Timestamp", "0"))), True)

    def bridge_enter(self, message: Message) -> Iterator[Happening]:
        unique = message.get("Uniqueid")
        if unique in self.parties:
            yield self.party(Kind.PARTY_JOINED, message, *self.parties[unique])

    def held(self, message: Message) -> Iterator[Happening]:
        leg = self.legs.get(message.get("Uniqueid"))
        if leg is not None and leg.talking:
            kind = Kind.HELD if message.name == "Hold" else Kind.RESUMED
            yield self.event(kind, message, message.get("Uniqueid"), call=leg.call, seat=leg.seat)

    def recording(self, message: Message) -> Iterator[Happening]:
        unique = message.get("Uniqueid")
        if unique in self.ends:
            state = message.name.removeprefix("MixMonitor").lower()
            state = "started" if state == "start" else "stopped"
            yield self.event(Kind.RECORDING, message, state, call=message.get("Linkedid"), data={"state": state})
