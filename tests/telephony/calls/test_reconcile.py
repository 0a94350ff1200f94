"""After a gap our picture follows the network's; doing it twice adds nothing."""

from __future__ import annotations

from telephony.calls.reconcile import reconcile
from telephony.calls.state import CallState, Outcome, Status, fold
from telephony.gateways.events import Kind, LiveCall, Snapshot
from tests.telephony.calls.build import answered, at


def snapshot(*calls: LiveCall) -> Snapshot:
    return Snapshot("n1", at(100), calls)


def corrected(shot: Snapshot, known: list[CallState]) -> dict[str, CallState]:
    states = {state.call: state for state in known}
    for event in reconcile(shot, known):
        states[event.call] = fold([event], states.get(event.call))
    return states


def test_a_call_that_is_gone_ended_at_an_unknown_moment() -> None:
    queued = fold(answered("c1")[:2])
    found = corrected(snapshot(), [queued])
    assert (found["c1"].status, found["c1"].outcome) == (Status.ENDED, Outcome.UNKNOWN)


def test_a_call_that_nobody_told_us_of_is_taken_in_as_it_is() -> None:
    found = corrected(snapshot(LiveCall("new", "T/new", number="139", queue="normal")), [])
    assert (found["new"].status, found["new"].number) == (Status.QUEUED, "139")
    talking = corrected(snapshot(LiveCall("t", "T/t", seat="8001", leg="l9")), [])["t"]
    assert (talking.status, talking.seat, talking.leg) == (Status.TALKING, "8001", "l9")


def test_answered_in_the_gap_and_ended_in_the_gap() -> None:
    queued = fold(answered("c1")[:2])
    found = corrected(snapshot(LiveCall("c1", "T/c1", seat="8001", leg="l1")), [queued])
    assert found["c1"].status == Status.TALKING
    talking = fold(answered("c2")[:4])
    alone = corrected(snapshot(LiveCall("c2", "T/c2")), [talking])["c2"]
    assert alone.status == Status.AFTER and alone.leg == ""


def test_twice_is_once() -> None:
    shot = snapshot(
        LiveCall("a", "T/a", queue="normal"), LiveCall("b", "T/b", seat="8001", leg="l"), LiveCall("d", "T/d")
    )
    states = corrected(shot, [fold(answered("gone")[:4]), fold(answered("a")[:4])])
    again = reconcile(shot, [state for state in states.values() if state.open])
    assert again == [], [event.kind for event in again]
    assert {event.kind for event in reconcile(shot, [])} == {Kind.FOUND}
