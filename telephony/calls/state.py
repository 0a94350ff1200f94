"""The state of a call: `fold(events)`. No clock, no database: the same journal always gives the same state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from telephony.gateways.events import CallEvent, Kind


class Status(StrEnum):
    ARRIVING = "arriving"
    QUEUED = "queued"
    RINGING = "ringing"
    TALKING = "talking"
    TRANSFERRED = "transferred"  # 110, a peer or a third party has the caller
    AFTER = "after"  # the seat is out, the caller rates
    ENDED = "ended"


class Outcome(StrEnum):
    """How a call counts; see docs/telephony.md. Empty while it is open."""

    OPEN = ""
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    BLOCKED = "blocked"
    SHORT = "short"  # ended before any queue: never asked for an agent
    EMERGENCY = "emergency"  # chose 110 by key
    OUTBOUND = "outbound"
    UNKNOWN = "unknown"  # the end was not seen


OPEN = frozenset({Status.ARRIVING, Status.QUEUED, Status.RINGING, Status.TALKING, Status.TRANSFERRED, Status.AFTER})


@dataclass(frozen=True, slots=True)
class CallState:
    """Everything a call's row shows. Times are the network's; seconds are computed from them, never taken from it."""

    node: str = ""
    call: str = ""
    status: Status = Status.ARRIVING
    outcome: Outcome = Outcome.OPEN
    number: str = ""
    line: str = ""
    queue: str = ""
    channel: str = ""
    seat: str = ""
    leg: str = ""
    leg_channel: str = ""
    ringing_seat: str = ""
    arrived_at: datetime | None = None
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    talk_since: datetime | None = None
    talk_seconds: float = 0
    held: bool = False
    seats: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    parties: frozenset[str] = frozenset()
    lost_legs: int = 0
    transfers: int = 0
    rating: int = 0
    callback_asked: bool = False
    recorded: bool = False
    outbound: bool = False
    events: int = field(default=0)

    @property
    def open(self) -> bool:
        return self.status != Status.ENDED

    @property
    def wait_seconds(self) -> float | None:
        """From joining the first queue to the first talk, or to the end when there was none."""
        until = self.answered_at or self.ended_at
        if self.queued_at is None or until is None:
            return None
        return (until - self.queued_at).total_seconds()


Step = Callable[[CallState, CallEvent], CallState]


def fold(events: Iterable[CallEvent], start: CallState | None = None) -> CallState:
    """The state after `events`, in the order given."""
    state = start or CallState()
    for event in events:
        state = step(state, event)
    return state


def step(state: CallState, event: CallEvent) -> CallState:
    """One event onto a state. After the end only a rating and the recording's end still count."""
    if state.status == Status.ENDED and event.kind not in (Kind.RATED, Kind.RECORDING, Kind.LEG_ENDED):
        return state
    base = replace(state, node=event.node, call=event.call, events=state.events + 1)
    if base.arrived_at is None:
        base = replace(base, arrived_at=event.at)
    handler = STEPS.get(event.kind)
    return handler(base, event) if handler else base


def _arrived(s: CallState, e: CallEvent) -> CallState:
    return replace(
        s, number=e.number, line=e.line, channel=str(e.data.get("channel", "")), outbound=e.kind == Kind.OUTBOUND
    )


def _found(s: CallState, e: CallEvent) -> CallState:
    """Alive at reconciliation: what it is doing is known, what it did is not."""
    data = e.data
    base = replace(s, number=e.number or s.number, channel=str(data.get("channel", "")) or s.channel)
    if e.seat:
        if base.seat == e.seat and base.status == Status.TALKING:
            return base
        return _connected(base, e)
    if e.queue and base.status in (Status.ARRIVING, Status.RINGING, Status.TALKING):
        return _queued(_pause_talk(base, e.at), e)
    if base.status == Status.TALKING:
        return _leg_ended(base, e)
    return base


def _queued(s: CallState, e: CallEvent) -> CallState:
    first = s.queued_at or e.at
    queue = s.queue if e.queue.startswith("seat-") and s.queue else e.queue
    return replace(s, status=Status.QUEUED, queue=queue, queued_at=first, ringing_seat="")


def _ringing(s: CallState, e: CallEvent) -> CallState:
    return replace(s, status=Status.RINGING, ringing_seat=e.seat)


def _missed(s: CallState, e: CallEvent) -> CallState:
    status = Status.QUEUED if s.status == Status.RINGING else s.status
    return replace(s, status=status, ringing_seat="", missed=(*s.missed, e.seat))


def _connected(s: CallState, e: CallEvent) -> CallState:
    return replace(
        s,
        status=Status.TALKING,
        seat=e.seat,
        leg=e.leg,
        channel=str(e.data.get("caller", "")) or s.channel,
        leg_channel=str(e.data.get("channel", "")),
        ringing_seat="",
        answered_at=s.answered_at or e.at,
        queued_at=s.queued_at or e.at,
        talk_since=e.at,
        seats=s.seats if e.seat in s.seats else (*s.seats, e.seat),
    )


def _pause_talk(s: CallState, at: datetime) -> CallState:
    if s.talk_since is None:
        return s
    seconds = max(0.0, (at - s.talk_since).total_seconds())
    return replace(s, talk_since=None, talk_seconds=s.talk_seconds + seconds, held=False)


def _leg_lost(s: CallState, e: CallEvent) -> CallState:
    lost = replace(_pause_talk(s, e.at), lost_legs=s.lost_legs + 1, leg="", leg_channel="")
    return replace(lost, status=Status.QUEUED) if s.status == Status.TALKING else lost


def _leg_ended(s: CallState, e: CallEvent) -> CallState:
    if e.leg and s.leg and e.leg != s.leg:
        return s
    ended = replace(_pause_talk(s, e.at), leg="", leg_channel="")
    if s.status != Status.TALKING:
        return ended
    third = bool(s.parties) or e.data.get("by") == "transfer"
    moved = s.transfers + bool(s.parties)
    return replace(ended, status=Status.TRANSFERRED if third else Status.AFTER, transfers=moved)


def _transferred(s: CallState, e: CallEvent) -> CallState:
    return replace(_pause_talk(s, e.at), status=Status.TRANSFERRED, transfers=s.transfers + 1)


def _party_joined(s: CallState, e: CallEvent) -> CallState:
    return replace(s, parties=s.parties | {e.leg})


def _party_left(s: CallState, e: CallEvent) -> CallState:
    return replace(s, parties=s.parties - {e.leg})


def _outcome(outcome: Outcome) -> Step:
    def apply(s: CallState, e: CallEvent) -> CallState:
        return s if s.answered_at and outcome != Outcome.BLOCKED else replace(s, outcome=outcome)

    return apply


def _ended(s: CallState, e: CallEvent) -> CallState:
    ended = replace(
        _pause_talk(s, e.at), status=Status.ENDED, ended_at=e.at, leg="", leg_channel="", ringing_seat="",
        parties=frozenset(),
    )  # fmt: skip
    return replace(ended, outcome=_verdict(ended, e))


def _verdict(s: CallState, e: CallEvent) -> Outcome:
    if s.outbound:
        return Outcome.OUTBOUND
    if s.answered_at is not None:
        return Outcome.ANSWERED
    if s.outcome != Outcome.OPEN:
        return s.outcome
    if e.kind == Kind.END_UNKNOWN:
        return Outcome.UNKNOWN
    return Outcome.ABANDONED if s.queued_at is not None else Outcome.SHORT


def _rated(s: CallState, e: CallEvent) -> CallState:
    level = e.data.get("level")
    if "survey" in e.data:  # a rating of the ticket's handling, not of this call
        return s
    return replace(s, rating=level) if isinstance(level, int) and 1 <= level <= 5 else s


def _recording(s: CallState, e: CallEvent) -> CallState:
    return replace(s, recorded=s.recorded or e.data.get("state") == "started")


STEPS: dict[Kind, Step] = {
    Kind.ARRIVED: _arrived,
    Kind.OUTBOUND: _arrived,
    Kind.FOUND: _found,
    Kind.QUEUED: _queued,
    Kind.RINGING: _ringing,
    Kind.MISSED: _missed,
    Kind.CONNECTED: _connected,
    Kind.LEG_LOST: _leg_lost,
    Kind.LEG_ENDED: _leg_ended,
    Kind.HELD: lambda s, e: replace(s, held=True),
    Kind.RESUMED: lambda s, e: replace(s, held=False),
    Kind.TRANSFERRED: _transferred,
    Kind.PARTY_JOINED: _party_joined,
    Kind.PARTY_LEFT: _party_left,
    Kind.ABANDONED: _outcome(Outcome.ABANDONED),
    Kind.OVERFLOWED: _outcome(Outcome.OVERFLOWED),
    Kind.BLOCKED: _outcome(Outcome.BLOCKED),
    Kind.EMERGENCY: _outcome(Outcome.EMERGENCY),
    Kind.CALLBACK_ASKED: lambda s, e: replace(s, callback_asked=True),
    Kind.RATED: _rated,
    Kind.RECORDING: _recording,
    Kind.ENDED: _ended,
    Kind.END_UNKNOWN: _ended,
}
