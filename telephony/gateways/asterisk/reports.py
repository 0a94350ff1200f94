"""What the dial plan reports by itself: ratings, lost legs, overflow, outcomes of dialling."""

from __future__ import annotations

from collections.abc import Iterator

from telephony.ami import Message
from telephony.gateways.asterisk.known import REFUSALS, Known, seat_of
from telephony.gateways.events import Happening, Kind, TransferEvent, moment


class Reports(Known):
    """UserEvent."""

    __slots__ = ()

    def user_event(self, message: Message) -> Iterator[Happening]:
        call, name = message.get("Callid"), message.get("UserEvent")
        if name == "HotlineConsult" and call in self.parties:
            yield from self.party_dialled(message, call)
        if call not in self.callers:
            return
        if name == "HotlineRating" and message.get("Rating") in {"1", "2", "3", "4", "5"}:
            seat = seat_of(message.get("Interface"))
            yield self.event(Kind.RATED, message, "", call=call, seat=seat, data={"level": int(message.get("Rating"))})
        elif name == "HotlineLegLost":
            yield self.event(Kind.LEG_LOST, message, "", call=call, seat=seat_of(message.get("Interface")))
        elif name == "HotlineOverflow":
            yield self.event(Kind.OVERFLOWED, message, "", call=call, data={"reason": message.get("Reason")})
        elif name == "HotlineCallback":
            yield self.event(Kind.CALLBACK_ASKED, message, "", call=call, queue=message.get("Queue"))
        elif name == "HotlineBlocked":
            yield self.event(Kind.BLOCKED, message, "", call=call)
        elif name == "HotlineEmergency":
            yield self.event(Kind.EMERGENCY, message, "", call=call)
        elif name == "HotlineSurvey":
            data = {"level": int(message.get("Rating") or -1), "survey": message.get("Key")}
            yield self.event(Kind.RATED, message, "survey", call=call, data=data)
        elif name == "HotlineAlarm":
            data = {"alarm": message.get("Key"), "confirmed": message.get("Pressed") == "1"}
            yield self.event(Kind.ALARM_HEARD, message, "alarm", call=call, data=data)
        elif name in ("HotlineBlind", "HotlineConsult", "HotlineOutward"):
            yield from self.dialled(message, call, name)

    def dialled(self, message: Message, call: str, name: str) -> Iterator[Happening]:
        status, mode = message.get("Status"), name.removeprefix("Hotline").lower()
        data = {"target": message.get("Target"), "mode": mode}
        if status == "ANSWERED" and mode == "outward":
            yield from self.reached(message, call)
        elif status == "ANSWERED":
            kind = Kind.TRANSFERRED if mode == "blind" else Kind.CONSULTED
            yield self.event(kind, message, mode, call=call, data=data)
        elif status != "ANSWER":
            data["reason"] = REFUSALS.get(status, "unreachable")
            yield self.event(Kind.TRANSFER_FAILED, message, mode, call=call, data=data)

    def reached(self, message: Message, call: str) -> Iterator[Happening]:
        """The citizen whom we called back answers; the seat's own leg has the call's id."""
        leg = self.legs.get(call)
        if leg is not None:
            leg.talking = True
            data = {"channel": leg.channel, "caller": self.callers.get(call, "")}
            yield self.event(Kind.CONNECTED, message, call, call=call, leg=call, seat=leg.seat, data=data)

    def party_dialled(self, message: Message, party: str) -> Iterator[Happening]:
        """The dial plan knows why a third party did not come; Originate's own answer is coarser and comes later."""
        reason = REFUSALS.get(message.get("Status"))
        if reason is not None:
            self.parties.pop(party)
            yield TransferEvent(self.node, party, moment(float(message.get("Timestamp", "0"))), False, reason)
