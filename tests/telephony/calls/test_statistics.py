"""Hand-made logs give the counts that the definitions give by hand (DOMAIN §7)."""

from __future__ import annotations

from telephony.calls.state import CallState, fold
from telephony.calls.statistics import Rate, Span, figures, occupancy, seat_seconds
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
