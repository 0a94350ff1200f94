"""What happens on a phone network, in the trade's own words: the only language that leaves a gateway.

Every event names its node and call, carries the network's own time and a `key` that is the same whenever the same
happening is reported again: the journal refuses the second copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of happening. Values are stored; they never change their meaning."""

    ARRIVED = "arrived"  # a caller's leg exists; number, line
    OUTBOUND = "outbound"  # a call that we placed; number, purpose in data
    QUEUED = "queued"  # joined a queue; queue, data.position
    RINGING = "ringing"  # a seat rings; seat, leg
    MISSED = "missed"  # the seat did not answer; seat, leg
    CONNECTED = "connected"  # caller and seat hear each other; seat, leg
    LEG_LOST = "leg_lost"  # the seat's leg ended without a recorded intent; seat
    LEG_ENDED = "leg_ended"  # the seat's leg ended; seat, leg, data.by (agent, caller, transfer, unknown)
    HELD = "held"
    RESUMED = "resumed"
    TRANSFER = "transfer"  # asked for; data: transfer id, mode, target
    CONSULTED = "consulted"  # attended: the other side answered the agent; the caller is on hold
    TRANSFERRED = "transferred"  # the other side has the caller
    TRANSFER_FAILED = "transfer_failed"  # data.reason: busy, no_answer, unreachable
    PARTY_JOINED = "party_joined"  # a third party joined the talk; leg, data.target
    PARTY_LEFT = "party_left"  # leg
    ABANDONED = "abandoned"  # the caller hung up in the queue
    OVERFLOWED = "overflowed"  # data.reason: TIMEOUT, FULL, CLOSED …
    BLOCKED = "blocked"  # refused before a queue (no free line, nuisance list)
    CALLBACK_ASKED = "callback_asked"  # pressed 1 while waiting
    EMERGENCY = "emergency"  # pressed 9: straight to 110
    ALARM_HEARD = "alarm_heard"  # an alarm call was answered; data: alarm (its id), confirmed
    RATED = "rated"  # data.level 1 to 5
    RECORDING = "recording"  # data: state (started, stopped, paused, resumed)
    ENDED = "ended"  # the caller's leg is gone; data.cause
    END_UNKNOWN = "end_unknown"  # found gone at reconciliation: when and how is not known
    FOUND = "found"  # found alive at reconciliation, its beginning was missed


class SeatKind(StrEnum):
    """What a gateway tells of a seat's phone, apart from calls."""

    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    ENGAGED = "engaged"  # the phone rings or talks, whoever it is
    FREE = "free"  # it does no longer
    REFUSED = "refused"  # a call that the seat asked for never came to be
    PAUSED = "paused"
    UNPAUSED = "unpaused"


def moment(timestamp: float) -> datetime:
    """A network's epoch seconds as an aware UTC time."""
    return datetime.fromtimestamp(timestamp, UTC)


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One happening on one call. Empty strings where a field does not apply."""

    kind: Kind
    node: str
    call: str
    at: datetime
    key: str
    leg: str = ""
    seat: str = ""
    queue: str = ""
    number: str = ""
    line: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeatEvent:
    """A seat's phone became reachable or not, paused or not. Not journalled: the present state is asked at connect."""

    kind: SeatKind
    node: str
    seat: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TransferEvent:
    """The outcome of a leg that we dialled for a transfer, before it is tied to a call."""

    node: str
    transfer: str
    at: datetime
    answered: bool
    reason: str = ""


Happening = CallEvent | SeatEvent | TransferEvent


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call as the network reports it now, for reconciliation."""

    call: str
    channel: str
    number: str = ""
    line: str = ""
    queue: str = ""
    seat: str = ""
    leg: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything alive on a node at one moment."""

    node: str
    at: datetime
    calls: tuple[LiveCall, ...] = ()
    seats: Mapping[str, SeatKind] = field(default_factory=dict)
