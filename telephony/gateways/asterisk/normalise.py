"""Manager events to normalised events. Keeps only what is needed to name things: which leg is whose.

Facts that this rests on were observed on Asterisk 22: `Linkedid` names the call for all legs; QueueCallerLeave comes
for connect and abandon alike and is no outcome; a leg ended by the manager gives no AgentComplete, so the end of a
seat's leg is its Hangup; DialEnd comes twice for an unanswered leg, so a missed ring is AgentRingNoAnswer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from telephony.ami import Message
from telephony.gateways.events import CallEvent, Happening, Kind, SeatEvent, SeatKind, TransferEvent, moment

SEAT = re.compile(r"^PJSIP/([0-9]{3,8})(?:-[0-9a-f]+)?$")
OUTWARD, SURVEY, SPY = "out-", "survey-", "spy-"  # the ids that we give to calls of our own
ANONYMOUS = {"", "<unknown>", "anonymous", "unknown", "restricted", "unavailable"}
ENGAGED = {"2", "3", "6", "7", "8"}  # in use, busy, ringing, ringing and in use, on hold
REFUSALS = {"BUSY": "busy", "NOANSWER": "no_answer", "CANCEL": "no_answer", "CHANUNAVAIL": "unreachable",
            "CONGESTION": "unreachable"}  # fmt: skip


def seat_of(name: str) -> str:
    """The extension behind `PJSIP/1001` or `PJSIP/1001-0000002a`; empty when it is none."""
    found = SEAT.match(name)
    return found[1] if found else ""


def number_of(message: Message) -> str:
    number = message.get("CallerIDNum")
    return "" if number.lower() in ANONYMOUS else number


def origin(context: str) -> dict[str, str]:
    """Who hands us the caller, when it is 110 or another hotline."""
    sender = {"from-police": "110", "from-peer": "peer"}.get(context)
    return {"origin": sender} if sender else {}


@dataclass(slots=True)
class Leg:
    call: str
    seat: str = ""
    channel: str = ""
    party: str = ""
    talking: bool = False
    by: str = ""


@dataclass(slots=True)
class Normaliser:
    """One node's translator. Fed in order; `reset` after each reconnect."""

    node: str
    legs: dict[str, Leg] = field(default_factory=dict)  # Uniqueid → leg
    callers: dict[str, str] = field(default_factory=dict)  # call → the citizen's channel, empty while there is none
    ends: dict[str, str] = field(default_factory=dict)  # Uniqueid of the citizen's leg → call
    numbers: dict[str, str] = field(default_factory=dict)  # our own call → the number that it dials
    parties: dict[str, tuple[str, str]] = field(default_factory=dict)  # our ChannelId → (call, target)
    seats: dict[str, SeatKind] = field(default_factory=dict)
    engaged: set[str] = field(default_factory=set)

    def reset(self) -> None:
        self.legs.clear()
        self.callers.clear()
        self.ends.clear()
        self.seats.clear()
        self.engaged.clear()

    def feed(self, message: Message) -> Iterator[Happening]:
        handler = HANDLERS.get(message.name)
        if handler is not None:
            yield from handler(self, message)

    def event(self, kind: Kind, message: Message, key: str, **fields: Any) -> CallEvent:
        call = str(fields.pop("call", "") or message.get("Linkedid"))
        at = moment(float(message.get("Timestamp", "0")))
        stamp = message.get("Timestamp")
        return CallEvent(kind=kind, node=self.node, call=call, at=at, key=f"{call}:{kind}:{key}:{stamp}", **fields)

    # --- birth and death of legs -------------------------------------------------------------------------------------
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

    # --- the queue ---------------------------------------------------------------------------------------------------
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

    # --- what the dial plan reports ----------------------------------------------------------------------------------
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

    # --- transfers and third parties ---------------------------------------------------------------------------------
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

    def party(self, kind: Kind, message: Message, call: str, target: str) -> CallEvent:
        """A third party comes or goes; when it is a colleague the event names the seat."""
        unique, seat = message.get("Uniqueid"), seat_of(f"PJSIP/{target}") if target != "110" else ""
        return self.event(kind, message, unique, call=call, leg=unique, seat=seat, data={"target": target})

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

    # --- seats -------------------------------------------------------------------------------------------------------
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


HANDLERS = {
    "Newchannel": Normaliser.new_channel,
    "Hangup": Normaliser.hangup,
    "QueueCallerJoin": Normaliser.joined,
    "QueueCallerAbandon": Normaliser.abandoned,
    "AgentCalled": Normaliser.called,
    "AgentRingNoAnswer": Normaliser.unanswered,
    "AgentConnect": Normaliser.connected,
    "AgentComplete": Normaliser.completed,
    "UserEvent": Normaliser.user_event,
    "AttendedTransfer": Normaliser.attended,
    "BlindTransfer": Normaliser.blind,
    "OriginateResponse": Normaliser.originated,
    "BridgeEnter": Normaliser.bridge_enter,
    "Hold": Normaliser.held,
    "Unhold": Normaliser.held,
    "MixMonitorStart": Normaliser.recording,
    "MixMonitorStop": Normaliser.recording,
    "QueueMemberStatus": Normaliser.member,
}
