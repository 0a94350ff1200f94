"""Hand-made logs give the counts that the definitions give by hand (DOMAIN §7)."""

from __future__ import annotations

import pytest

from telephony.calls.state import CallState, fold
from telephony.calls.statistics import Figures, Rate, Span, figures, occupancy, seat_seconds
from telephony.gateways.events import Kind
from tests.telephony.calls.build import abandoned, answered, at, happening


def day() -> list[CallState]:
    """Ten calls: 3 answered in time, 1 at exactly 15 s, 1 late, 2 abandoned, 1 overflowed, 1 blocked, 1 too short."""
    logs = [
        answered("a1", wait=3), answered("a2", wait=8, talk=30), answered("a3", wait=14.999),
        answered("a4", wait=15), answered("a5", wait=15.001),
        abandoned("b1", wait=40), abandoned("b2", wait=2),
        [happening(Kind.ARRIVED, 0, "o"), happening(Kind.QUEUED, 1, "o", queue="normal"),
         happening(Kind.OVERFLOWED, 600, "o", data={"reason": "TIMEOUT"}), happening(Kind.ENDED, 605, "o")],
        [happening(Kind.ARRIVED, 0, "x"), happening(Kind.BLOCKED, 1, "x"), happening(Kind.ENDED, 1, "x")],
        [happening(Kind.ARRIVED, 0, "s"), happening(Kind.ENDED, 2, "s")],
    ]  # fmt: skip
    return [fold(log) for log in logs]


def test_counts_and_rates_of_a_day() -> None:
    found = figures(day())
    assert (found.arrived, found.asked, found.answered, found.in_time) == (10, 8, 5, 4)
    assert (found.abandoned, found.overflowed, found.blocked, found.short) == (2, 1, 1, 1)
    assert found.connection == Rate(5, 8) and found.connection.value == 62.5
    assert found.timeliness == Rate(4, 5) and found.within_15 == Rate(4, 8)
    assert found.talk_seconds == 60 * 4 + 30 and found.longest_wait_seconds == 604


def test_nothing_to_divide_by_is_no_rate() -> None:
    assert figures([]).connection.value is None


def test_transfers_missed_rings_and_lost_legs() -> None:
    log = answered("t")
    log[2:2] = [happening(Kind.RINGING, 1.1, "t", seat="8002"), happening(Kind.MISSED, 1.4, "t", seat="8002")]
    log.insert(-2, happening(Kind.TRANSFERRED, 30, "t"))
    found = figures([fold(log)])
    assert (found.ring_no_answer, found.transferred, found.answered) == (1, 1, 1)
    assert found.talk_seconds == 24, "the agent's talk ends when the other side has the caller"


def test_a_call_that_we_placed_is_in_no_inbound_figure() -> None:
    placed = fold([happening(Kind.OUTBOUND, 0), happening(Kind.CONNECTED, 5, seat="8001"), happening(Kind.ENDED, 9)])
    assert figures([placed]).arrived == 0


#: each kind of call alone: log → (asked, answered, in time, abandoned, overflowed, blocked, transferred, missed rings)
EACH = {
    "answered in time": (answered("1", wait=3), (1, 1, 1, 0, 0, 0, 0, 0)),
    "answered late": (answered("2", wait=15.5), (1, 1, 0, 0, 0, 0, 0, 0)),
    "abandoned while waiting": (abandoned("3"), (1, 0, 0, 1, 0, 0, 0, 0)),
    "abandoned while it rings": (
        [*abandoned("4")[:2], happening(Kind.RINGING, 5, "4", seat="8001"), *abandoned("4")[2:]],
        (1, 0, 0, 1, 0, 0, 0, 0),
    ),
    "overflowed: queue full": (
        [happening(Kind.ARRIVED, 0, "5"), happening(Kind.QUEUED, 1, "5", queue="normal"),
         happening(Kind.OVERFLOWED, 1, "5", data={"reason": "FULL"}), happening(Kind.ENDED, 9, "5")],
        (1, 0, 0, 0, 1, 0, 0, 0),
    ),
    "overflowed: closed, never queued": (
        [happening(Kind.ARRIVED, 0, "6"), happening(Kind.OVERFLOWED, 1, "6", data={"reason": "CLOSED"}),
         happening(Kind.ENDED, 9, "6")],
        (0, 0, 0, 0, 1, 0, 0, 0),
    ),
    "blocked": (
        [happening(Kind.ARRIVED, 0, "7"), happening(Kind.BLOCKED, 1, "7"), happening(Kind.ENDED, 5, "7")],
        (0, 0, 0, 0, 0, 1, 0, 0),
    ),
    "two rings without answer, then answered": (
        [*answered("8", wait=12)[:2], happening(Kind.RINGING, 2, "8", seat="8002"),
         happening(Kind.MISSED, 5, "8", seat="8002"), happening(Kind.RINGING, 6, "8", seat="8003"),
         happening(Kind.MISSED, 9, "8", seat="8003"), *answered("8", wait=12)[2:]],
        (1, 1, 1, 0, 0, 0, 0, 2),
    ),
    "ring without answer, then abandoned": (
        [*abandoned("9")[:2], happening(Kind.RINGING, 2, "9", seat="8002"),
         happening(Kind.MISSED, 5, "9", seat="8002"), *abandoned("9")[2:]],
        (1, 0, 0, 1, 0, 0, 0, 1),
    ),
    "transferred blind": (
        [*answered("10")[:4], happening(Kind.TRANSFERRED, 30, "10"), happening(Kind.ENDED, 90, "10")],
        (1, 1, 1, 0, 0, 0, 1, 0),
    ),
    "three-way, the agent leaves": (
        [*answered("11")[:4], happening(Kind.PARTY_JOINED, 20, "11", leg="p"),
         happening(Kind.LEG_ENDED, 30, "11", seat="8001", leg="leg-11"), happening(Kind.ENDED, 90, "11")],
        (1, 1, 1, 0, 0, 0, 1, 0),
    ),
    "a transfer that failed": (
        [*answered("12")[:4], happening(Kind.TRANSFER_FAILED, 20, "12", data={"reason": "busy"}), *answered("12")[4:]],
        (1, 1, 1, 0, 0, 0, 0, 0),
    ),
    "emergency key": (
        [happening(Kind.ARRIVED, 0, "13"), happening(Kind.EMERGENCY, 2, "13"), happening(Kind.ENDED, 60, "13")],
        (0, 0, 0, 0, 0, 0, 0, 0),
    ),
}  # fmt: skip


def counts(found: Figures) -> tuple[int, ...]:
    return (found.asked, found.answered, found.in_time, found.abandoned, found.overflowed, found.blocked,
            found.transferred, found.ring_no_answer)  # fmt: skip


@pytest.mark.parametrize("name", EACH)
def test_each_kind_of_call_counts_as_it_does_by_hand(name: str) -> None:
    log, expected = EACH[name]
    found = figures([fold(log)])
    assert (found.arrived, counts(found)) == (1, expected)


def test_all_kinds_together_are_their_sum() -> None:
    """No call counts twice, none hides another."""
    found = figures([fold(log) for log, _ in EACH.values()])
    assert counts(found) == tuple(map(sum, zip(*(expected for _, expected in EACH.values()), strict=True)))
    assert found.arrived == len(EACH) and found.connection == Rate(6, 10)


def test_pauses_and_after_call_work_within_a_period() -> None:
    spans = [
        Span("8001", "ready", at(0), at(100)), Span("8001", "talking", at(100), at(160)),
        Span("8001", "after", at(160), at(180)), Span("8001", "break", at(180), at(400)),
        Span("8002", "ready", at(500), at(600)),
    ]  # fmt: skip
    found = seat_seconds(spans, at(50), at(200))
    assert found == {"8001": {"ready": 50, "talking": 60, "after": 20, "break": 20}}
    assert occupancy(found["8001"]) == round(100 * 80 / 130, 2)
    assert occupancy({"break": 10}) is None
