"""Counts and rates of calls and seats, each defined once, computed from states and spans. Pure.

Definitions (GB/T 33358 and docs/telephony.md): *asked* joined a queue and was not placed by us; *answered* reached an
agent; *in time* waited at most 15 s from joining the queue, by the network's own microsecond clock; a call that was
overflowed, blocked or ended before any queue is none of these. Every rate is shown with what it was made of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from telephony.calls.state import CallState, Outcome

IN_TIME_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Rate:
    """`value` in percent, None when there is nothing to divide by."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        return round(100 * self.numerator / self.denominator, 2) if self.denominator else None


@dataclass(frozen=True, slots=True)
class Figures:
    arrived: int
    asked: int
    answered: int
    in_time: int
    abandoned: int
    overflowed: int
    blocked: int
    short: int
    unknown: int
    transferred: int
    ring_no_answer: int
    lost_legs: int
    callbacks_asked: int
    talk_seconds: float
    longest_wait_seconds: float

    @property
    def connection(self) -> Rate:
        """人工接通率: answered / inbound that asked for an agent."""
        return Rate(self.answered, self.asked)

    @property
    def timeliness(self) -> Rate:
        """应答及时率: answered within 15 s / answered."""
        return Rate(self.in_time, self.answered)

    @property
    def within_15(self) -> Rate:
        """15秒接通率: answered within 15 s / inbound that asked for an agent."""
        return Rate(self.in_time, self.asked)


def figures(states: Iterable[CallState]) -> Figures:
    inbound = [state for state in states if not state.outbound]
    outcomes = Counter(state.outcome for state in inbound)
    answered = [state for state in inbound if state.answered_at is not None]
    waits = [state.wait_seconds for state in inbound if state.wait_seconds is not None]
    return Figures(
        arrived=len(inbound),
        asked=sum(state.queued_at is not None for state in inbound),
        answered=len(answered),
        in_time=sum((state.wait_seconds or 0.0) <= IN_TIME_SECONDS for state in answered),
        abandoned=outcomes[Outcome.ABANDONED],
        overflowed=outcomes[Outcome.OVERFLOWED],
        blocked=outcomes[Outcome.BLOCKED],
        short=outcomes[Outcome.SHORT],
        unknown=outcomes[Outcome.UNKNOWN],
        transferred=sum(state.transfers > 0 for state in inbound),
        ring_no_answer=sum(len(state.missed) for state in inbound),
        lost_legs=sum(state.lost_legs for state in inbound),
        callbacks_asked=sum(state.callback_asked for state in inbound),
        talk_seconds=round(sum(state.talk_seconds for state in inbound), 3),
        longest_wait_seconds=max(waits, default=0.0),
    )


@dataclass(frozen=True, slots=True)
class Span:
    """How long a seat was in one mode."""

    seat: str
    mode: str
    starts_at: datetime
    ends_at: datetime

    def seconds_within(self, start: datetime, end: datetime) -> float:
        return max(0.0, (min(self.ends_at, end) - max(self.starts_at, start)).total_seconds())


def seat_seconds(spans: Iterable[Span], start: datetime, end: datetime) -> dict[str, dict[str, float]]:
    """Seat → mode → seconds within the period; spans that reach over its borders count with their inner part."""
    found: dict[str, dict[str, float]] = {}
    for span in spans:
        inside = span.seconds_within(start, end)
        if inside:
            modes = found.setdefault(span.seat, {})
            modes[span.mode] = modes.get(span.mode, 0.0) + inside
    return found


def occupancy(modes: dict[str, float]) -> float | None:
    """Talking, ringing and after-call work / the time on duty without breaks, in percent."""
    busy = sum(modes.get(name, 0.0) for name in ("talking", "ringing", "after"))
    duty = busy + modes.get("ready", 0.0)
    return round(100 * busy / duty, 2) if duty else None
