"""What the translator keeps in mind to name things: which leg is whose, which call is ours, who is a third party."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from telephony.ami import Message
from telephony.gateways.events import CallEvent, Kind, SeatKind, moment

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
class Known:
    """One node's memory. `reset` after each reconnect."""

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

    def event(self, kind: Kind, message: Message, key: str, **fields: Any) -> CallEvent:
        call = str(fields.pop("call", "") or message.get("Linkedid"))
        at = moment(float(message.get("Timestamp", "0")))
        stamp = message.get("Timestamp")
        return CallEvent(kind=kind, node=self.node, call=call, at=at, key=f"{call}:{kind}:{key}:{stamp}", **fields)

    def party(self, kind: Kind, message: Message, call: str, target: str) -> CallEvent:
        """A third party comes or goes; when it is a colleague the event names the seat."""
        unique, seat = message.get("Uniqueid"), seat_of(f"PJSIP/{target}") if target != "110" else ""
        return self.event(kind, message, unique, call=call, leg=unique, seat=seat, data={"target": target})
