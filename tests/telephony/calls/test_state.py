"""Call state is a pure function of the journal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from telephony.calls.state import Outcome, Status, fold
from telephony.gateways.events import Kind
from tests.telephony.calls.build import abandoned, answered, happening


def test_an_answered_call() -> None:
    state = fold(answered(wait=5, talk=60))
    assert (state.status, state.outcome, state.seat) == (Status.ENDED, Outcome.ANSWERED, "8001")
    assert state.wait_seconds == 5 and state.talk_seconds == 60
    assert state.leg == "" and state.seats == ("8001",)


def test_states_on_the_way() -> None:
    events = answered()
    seen = [fold(events[: n + 1]).status for n in range(len(events))]
    assert seen == [
        Status.ARRIVING, Status.QUEUED, Status.RINGING, Status.TALKING, Status.AFTER, Status.ENDED,
    ]  # fmt: skip


def test_an_abandoned_call_and_one_that_never_asked() -> None:
    assert fold(abandoned("c1")).outcome == Outcome.ABANDONED
    assert fold([happening(Kind.ARRIVED, 0), happening(Kind.ENDED, 1)]).outcome == Outcome.SHORT


def test_a_lost_leg_goes_back_to_the_queue_and_the_same_seat_takes_it() -> None:
    events = [
        *answered()[:4],
        happening(Kind.LEG_LOST, 20, seat="8001"),
        happening(Kind.QUEUED, 20, queue="seat-8001"),
        happening(Kind.LEG_ENDED, 20.1, seat="8001", leg="leg-c1"),
        happening(Kind.RINGING, 21, seat="8001", leg="leg-2"),
        happening(Kind.CONNECTED, 22, seat="8001", leg="leg-2"),
    ]
    state = fold(events)
    assert (state.status, state.leg, state.lost_legs) == (Status.TALKING, "leg-2", 1)
    assert state.queue == "normal", "the seat's own queue is no queue of the statistics"
    ended = fold(
        [happening(Kind.LEG_ENDED, 52, seat="8001", leg="leg-2"), happening(Kind.ENDED, 53)], state
    )  # 14 s before the loss, 30 s after
    assert ended.talk_seconds == 44 and ended.wait_seconds == 5


def test_the_end_of_an_older_leg_does_not_end_the_talk() -> None:
    state = fold([*answered()[:4], happening(Kind.LEG_ENDED, 9, seat="8001", leg="another")])
    assert state.status == Status.TALKING and state.leg == "leg-c1"


def test_a_third_party_keeps_the_caller_when_the_agent_leaves() -> None:
    events = [*answered()[:4], happening(Kind.PARTY_JOINED, 20, leg="party-1")]
    events.append(happening(Kind.LEG_ENDED, 30, seat="8001", leg="leg-c1"))
    state = fold(events)
    assert (state.status, state.parties) == (Status.TRANSFERRED, frozenset({"party-1"}))


def test_an_unseen_end_is_said_to_be_unknown_and_ends_once() -> None:
    waiting = fold([*abandoned("c1")[:2], happening(Kind.END_UNKNOWN, 99)])
    assert (waiting.status, waiting.outcome) == (Status.ENDED, Outcome.UNKNOWN)
    again = fold([happening(Kind.ENDED, 200)], waiting)
    assert again.ended_at == waiting.ended_at
    talked = fold([*answered()[:4], happening(Kind.END_UNKNOWN, 99)])
    assert talked.outcome == Outcome.ANSWERED


def test_only_one_to_five_is_a_rating() -> None:
    for level in (0, 6, -1, "4"):
        assert fold([*answered()[:5], happening(Kind.RATED, 70, data={"level": level})]).rating == 0
    assert fold([*answered()[:5], happening(Kind.RATED, 70, data={"level": 4})]).rating == 4


KINDS = st.sampled_from(list(Kind))


@given(st.lists(st.tuples(KINDS, st.sampled_from(["8001", "8002"]), st.sampled_from(["a", "b"])), max_size=25))
def test_no_order_of_events_breaks_the_rules(steps: list[tuple[Kind, str, str]]) -> None:
    """Whatever comes: time counted is never negative, an ended call stays ended, folding in two parts is the same."""
    events = [happening(kind, n, seat=seat, leg=leg, queue="normal") for n, (kind, seat, leg) in enumerate(steps)]
    whole = fold(events)
    assert fold(events[len(events) // 2 :], fold(events[: len(events) // 2])) == whole
    assert whole.talk_seconds >= 0 and (whole.wait_seconds or 0) >= 0
    if any(event.kind in (Kind.ENDED, Kind.END_UNKNOWN) for event in events):
        assert not whole.open and whole.outcome != Outcome.OPEN and whole.leg == ""
