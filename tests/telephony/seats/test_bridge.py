"""The bridge, one step at a time: journal, seats, orders, ledger, restarts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from directory.models import Region, Staff
from telephony.bridge import Bridge
from telephony.calls.store import as_dict, from_call, rebuilt
from telephony.gateways.events import CallEvent, Kind, LiveCall, SeatEvent, SeatKind, Snapshot, TransferEvent
from telephony.models import Call, CallbackRequest, NuisanceCaller, Order, SeatSpan, SeatState, Transfer
from telephony.models import CallEvent as Row
from telephony.seats import orders
from tests.telephony.fakes import HandGateway
from ticketing.models import OutboxEntry
from ticketing.privacy.crypto import seal
from ticketing.reviews import listening
from ticketing.reviews.models import Review

pytestmark = pytest.mark.django_db
CALL, SEAT = "default-1.0", "8001"


def event(kind: Kind, seconds: float = 0, call: str = CALL, **fields: Any) -> CallEvent:
    at = timezone.now() + timedelta(seconds=seconds)
    return CallEvent(kind, "default", call, at, f"{call}:{kind}:{seconds}:{fields.get('leg', '')}", **fields)


def talk() -> list[CallEvent]:
    return [
        event(Kind.ARRIVED, 0, number="13800000001", line="12345", data={"channel": "T/1"}),
        event(Kind.QUEUED, 1, queue="normal"),
        event(Kind.RINGING, 2, seat=SEAT, leg="l1"),
        event(Kind.CONNECTED, 3, seat=SEAT, leg="l1", data={"channel": "PJSIP/8001-1"}),
    ]


@pytest.fixture
def gateway() -> HandGateway:
    return HandGateway()


@pytest.fixture
def bridge(gateway: HandGateway) -> Bridge:
    """A bridge with seat 8001 logged in, its phone there, ready."""
    found = Bridge(gateway)
    found.keeper.log_in(SEAT, None, "token", "password", ["normal"], timezone.now())
    feed(found, SeatEvent(SeatKind.REACHABLE, "default", SEAT, timezone.now()))
    done(found, "ready")
    gateway.asked.clear()
    return found


def feed(bridge: Bridge, *items: Any) -> None:
    bridge.gateway.put.extend(items)  # type: ignore[attr-defined]
    bridge.step(0)


def done(bridge: Bridge, action: str, **content: Any) -> Order:
    order = orders.give("default", action, seat=SEAT, **content)
    bridge.step(0)
    order.refresh_from_db()
    return order


def mode() -> str:
    return SeatState.objects.get(extension=SEAT).mode


def test_a_talk_moves_seat_call_and_journal_together(bridge: Bridge) -> None:
    feed(bridge, *talk())
    call = Call.objects.get()
    assert (mode(), call.status, call.seat) == ("talking", "talking", SEAT)
    assert as_dict(from_call(call)) == as_dict(rebuilt("default", CALL)), "the row is what the journal says"
    feed(bridge, event(Kind.LEG_ENDED, 30, seat=SEAT, leg="l1"), event(Kind.ENDED, 34))
    assert mode() == "after" and ("pause", SEAT, True) in bridge.gateway.asked  # type: ignore[attr-defined]
    assert Call.objects.get().outcome == "answered"
    assert OutboxEntry.objects.filter(topic="call", key=CALL).count() == 1


def test_a_rating_that_arrives_after_the_end_is_told_once_more(bridge: Bridge) -> None:
    """一次一评 also for a key whose event is late; the same rating again is no news."""
    Region.objects.get_or_create(code="410100", defaults={"name": "郑州市", "level": "city"})
    feed(bridge, *talk(), event(Kind.LEG_ENDED, 30, seat=SEAT, leg="l1"), event(Kind.ENDED, 34))
    late = event(Kind.RATED, 35, seat=SEAT, data={"level": 4})
    feed(bridge, late)
    feed(bridge, late, event(Kind.LEG_ENDED, 36, seat=SEAT, leg="l1"))
    assert [e.payload["rating"] for e in OutboxEntry.objects.filter(topic="call", key=CALL).order_by("pk")] == [0, 4]
    listening.hear_calls(list(OutboxEntry.objects.filter(topic="call").order_by("pk")))
    review = Review.objects.get()
    assert (review.key, review.level, review.kind) == (CALL, 4, "call")


def test_the_same_events_again_are_no_news(bridge: Bridge) -> None:
    events = [*talk(), event(Kind.LEG_ENDED, 30, seat=SEAT, leg="l1"), event(Kind.ENDED, 34)]
    feed(bridge, *events)
    feed(bridge, *events)
    assert Row.objects.count() == len(events) and Call.objects.get().talk_seconds == pytest.approx(27, abs=0.1)


def test_no_number_is_stored_in_the_clear(bridge: Bridge) -> None:
    feed(bridge, *talk())
    for table in (Call, Row, OutboxEntry, CallbackRequest):
        for row in table.objects.values():
            assert "13800000001" not in str(row)


def test_after_call_work_ends_by_itself(bridge: Bridge) -> None:
    feed(bridge, *talk(), event(Kind.LEG_ENDED, 5, seat=SEAT, leg="l1"), event(Kind.ENDED, 6))
    seat = SeatState.objects.get(extension=SEAT)
    assert seat.until is not None
    SeatState.objects.update(seen_at=seat.until)
    bridge.keeper.tick(seat.until)
    assert mode() == "ready"
    assert {span.mode for span in SeatSpan.objects.all()} >= {"ringing", "talking", "after"}


def test_a_missed_ring_takes_the_seat_out(bridge: Bridge) -> None:
    feed(bridge, *talk()[:3], event(Kind.MISSED, 17, seat=SEAT, leg="l1"))
    assert mode() == "break" and ("pause", SEAT, True) in bridge.gateway.asked  # type: ignore[attr-defined]


def test_a_caller_who_hangs_up_while_it_rings_frees_the_seat(bridge: Bridge) -> None:
    feed(bridge, *talk()[:3], event(Kind.ABANDONED, 5, queue="normal"), event(Kind.ENDED, 5))
    assert mode() == "ready"
    assert CallbackRequest.objects.get().kind == "abandoned"


def test_a_lost_phone_is_never_shown_ready_and_comes_back(bridge: Bridge) -> None:
    feed(bridge, SeatEvent(SeatKind.UNREACHABLE, "default", SEAT, timezone.now()))
    assert mode() == "lost" and ("pause", SEAT, True) in bridge.gateway.asked  # type: ignore[attr-defined]
    assert done(bridge, "ready").code == "phone_lost"
    feed(bridge, SeatEvent(SeatKind.REACHABLE, "default", SEAT, timezone.now()))
    assert mode() == "ready"


def test_nobody_looks_ready_on_a_network_that_is_gone(bridge: Bridge, gateway: HandGateway) -> None:
    now = timezone.now()
    gateway.healthy = False
    bridge.listen(now)
    bridge.listen(now + timedelta(seconds=4))
    assert mode() == "ready", "a link that breaks and comes back is none of the seats' business"
    bridge.listen(now + timedelta(seconds=6))
    assert mode() == "lost" and done(bridge, "ready").code == "phone_lost"
    gateway.healthy = True
    bridge.listen(now + timedelta(seconds=7))
    feed(bridge, Snapshot("default", timezone.now(), (), {SEAT: SeatKind.REACHABLE}))
    assert mode() == "ready", "the phone was there all the time"


def test_a_talk_on_a_network_that_is_gone_may_still_go_on(bridge: Bridge, gateway: HandGateway) -> None:
    feed(bridge, *talk()[:4])
    assert mode() == "talking"
    gateway.healthy = False
    bridge.listen(timezone.now())
    bridge.listen(timezone.now() + timedelta(seconds=60))
    assert mode() == "talking" and not SeatState.objects.get(extension=SEAT).reachable


def test_a_silent_page_is_logged_out(bridge: Bridge) -> None:
    bridge.keeper.tick(timezone.now() + timedelta(seconds=60))
    assert mode() == "offline" and ("log_out", SEAT) in bridge.gateway.asked  # type: ignore[attr-defined]


def test_a_lost_leg_keeps_the_call_for_the_same_seat(bridge: Bridge) -> None:
    feed(bridge, *talk(), event(Kind.LEG_LOST, 9, seat=SEAT), event(Kind.QUEUED, 9, queue=f"seat-{SEAT}"))
    feed(bridge, event(Kind.LEG_ENDED, 9.1, seat=SEAT, leg="l1"))
    assert (mode(), Call.objects.get().status) == ("lost", "queued")
    feed(bridge, event(Kind.RINGING, 11, seat=SEAT, leg="l2"), event(Kind.CONNECTED, 12, seat=SEAT, leg="l2"))
    assert (mode(), Call.objects.get().lost_legs) == ("talking", 1)


def test_hanging_up_records_the_intent_first(bridge: Bridge, gateway: HandGateway) -> None:
    feed(bridge, *talk())
    gateway.asked.clear()
    done(bridge, "hang_up", force=True)
    assert gateway.asked == [("intend", "T/1", "hangup"), ("hang_up", "PJSIP/8001-1")]


def test_an_intent_that_cannot_be_recorded_hangs_nobody_up(bridge: Bridge, gateway: HandGateway) -> None:
    feed(bridge, *talk())
    gateway.refuse, gateway.asked = {"intend"}, []
    assert done(bridge, "hang_up", force=True).state == "failed"
    assert gateway.asked == []


def test_orders_are_taken_once_and_old_ones_expire(bridge: Bridge, gateway: HandGateway) -> None:
    order = orders.give("default", "ready", seat=SEAT)
    assert orders.take(order) and not orders.take(order)
    old = orders.give("default", "ready", seat=SEAT)
    Order.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    gateway.asked.clear()
    bridge.step(0)
    old.refresh_from_db()
    assert old.state == "expired" and gateway.asked == []


def test_what_a_killed_bridge_had_begun_is_not_repeated(bridge: Bridge, gateway: HandGateway) -> None:
    order = orders.give("default", "dial", seat=SEAT, callback=1)
    assert orders.take(order)
    Bridge(gateway).step(0)
    order.refresh_from_db()
    assert (order.state, order.code) == ("failed", "unknown")
    assert not any(item[0] == "originate" for item in gateway.asked)


def test_an_order_that_no_bridge_takes_is_withdrawn() -> None:
    order = orders.give("default", "ready", seat=SEAT)
    with pytest.raises(orders.OrderFailed, match="没有响应"):
        orders.wait(order, seconds=0.1)
    assert not orders.take(Order.objects.get(pk=order.pk))


def test_transfer_ledger_refusals_and_outcomes(bridge: Bridge, gateway: HandGateway) -> None:
    feed(bridge, *talk())
    assert done(bridge, "transfer", mode="blind", target="110").code == "no_consent"
    assert Transfer.objects.count() == 0
    done(bridge, "transfer", mode="three_way", target="110", consent=True, reason="危险")
    row = Transfer.objects.get()
    feed(bridge, TransferEvent("default", row.party, timezone.now(), False, "busy"))
    row.refresh_from_db()
    assert row.outcome == "busy" and Call.objects.get().status == "talking"
    done(bridge, "transfer", mode="attended", target="110", consent=True)
    assert done(bridge, "transfer_complete").code == "not_answered"
    feed(bridge, event(Kind.CONSULTED, 20))
    assert done(bridge, "transfer_complete").state == "done"
    feed(bridge, event(Kind.TRANSFERRED, 21), event(Kind.LEG_ENDED, 22, seat=SEAT, leg="l1", data={"by": "transfer"}))
    assert Transfer.objects.latest("pk").outcome == "accepted"
    gateway.refuse = {"blind"}
    feed(
        bridge,
        *[event(e.kind, 50 + n, "c2", seat=e.seat, leg=e.leg and "l9", data=e.data) for n, e in enumerate(talk())],
    )
    assert done(bridge, "transfer", mode="blind", target="110", consent=True).state == "failed"
    assert Transfer.objects.latest("pk").outcome == "unreachable", "a refusal is in the ledger too"


def test_a_snapshot_closes_what_is_gone_and_sets_seats_right(bridge: Bridge, gateway: HandGateway) -> None:
    feed(bridge, *talk())
    feed(bridge, Snapshot("default", timezone.now(), (), {SEAT: SeatKind.REACHABLE}))
    assert Call.objects.get().status == "ended" and mode() == "after"
    assert ("join", SEAT, ("normal",)) in gateway.asked, "membership does not survive a restart of Asterisk"
    live = LiveCall("c9", "T/9", number="139", seat=SEAT, leg="l9")
    feed(bridge, Snapshot("default", timezone.now(), (live,), {SEAT: SeatKind.REACHABLE}))
    assert mode() == "talking" and Call.objects.get(call="c9").status == "talking"


def test_the_nuisance_list_is_told_to_the_network_and_ends_by_itself(bridge: Bridge, gateway: HandGateway) -> None:
    staff = Staff.objects.create_user("leader", name="leader")
    today = timezone.localdate()
    NuisanceCaller.objects.create(
        number_hash="h", number_box=seal("13800000009"), reason="辱骂", staff=staff, created_at=timezone.now(),
        review_on=today,
    )  # fmt: skip
    gateway.asked.clear()
    bridge.nuisance.follow(today)
    bridge.nuisance.follow(today)
    assert gateway.asked == [("block", "13800000009", True)]
    bridge.nuisance.follow(today + timedelta(days=1))
    assert gateway.asked[1:] == [("block", "13800000009", False)] and not NuisanceCaller.objects.exists()


def test_abuse_gives_a_forced_break(bridge: Bridge) -> None:
    feed(bridge, *talk())
    done(bridge, "abuse")
    seat = SeatState.objects.get(extension=SEAT)
    assert (seat.mode, seat.reason) == ("break", "辱骂后强制休息")


def test_a_forced_break_cannot_be_ended_or_swapped(bridge: Bridge) -> None:
    feed(bridge, *talk())
    done(bridge, "abuse")
    assert done(bridge, "ready").code == done(bridge, "break", reason="就餐").code == "forced_break"
    bridge.keeper.seats[SEAT].until = timezone.now()
    assert done(bridge, "ready").state == "done"


def test_only_so_many_rest_at_once(bridge: Bridge) -> None:
    now = timezone.now()
    for number in ("8002", "8003", "8004"):
        bridge.keeper.log_in(number, None, "t", "p", ["normal"], now)
    assert done(bridge, "break", reason="小休").state == "done", "log-in's own break does not count"
    order = orders.give("default", "break", seat="8002", reason="就餐")
    bridge.step(0)
    order.refresh_from_db()
    assert order.code == "break_full"


def test_a_phone_in_use_for_something_else_never_looks_ready(bridge: Bridge, gateway: HandGateway) -> None:
    feed(bridge, SeatEvent(SeatKind.ENGAGED, "default", SEAT, timezone.now()))
    assert (mode(), SeatState.objects.get(extension=SEAT).reason) == ("break", "内部通话")
    assert ("pause", SEAT, True) in gateway.asked
    feed(bridge, SeatEvent(SeatKind.FREE, "default", SEAT, timezone.now()))
    assert mode() == "ready" and gateway.asked[-1] == ("pause", SEAT, False)


def test_after_call_work_that_lost_its_phone_is_not_lost_for_ever(bridge: Bridge) -> None:
    feed(bridge, *talk(), event(Kind.LEG_ENDED, 5, seat=SEAT, leg="l1"))
    feed(bridge, SeatEvent(SeatKind.UNREACHABLE, "default", SEAT, timezone.now()))
    assert mode() == "lost"
    feed(bridge, SeatEvent(SeatKind.REACHABLE, "default", SEAT, timezone.now()))
    assert mode() == "break"


def owe(number: str) -> CallbackRequest:
    now = timezone.now()
    staff = Staff.objects.get_or_create(username="caller", defaults={"name": "caller"})[0]
    return CallbackRequest.objects.create(
        kind="abandoned", call="lost-1", number_box=seal(number), number_hash="h", state="taken", tries=1, staff=staff,
        place_at=now, not_before=now,
    )  # fmt: skip


def dialled(bridge: Bridge, row: CallbackRequest) -> str:
    order = orders.give("default", "dial", seat=SEAT, staff=row.staff_id, callback=row.pk)
    bridge.step(0)
    order.refresh_from_db()
    assert order.state == "done", order.error
    row.refresh_from_db()
    return row.dialled


@pytest.mark.parametrize("answered", [True, False])
def test_a_call_back_settles_itself(bridge: Bridge, answered: bool) -> None:
    row = owe("13800000007")
    call = dialled(bridge, row)
    assert mode() == "ringing" and call.startswith("out-")
    feed(bridge, event(Kind.OUTBOUND, 0, call, number="13800000007", seat=SEAT))
    if answered:
        data = {"channel": "PJSIP/8001-9", "caller": "T/9"}
        feed(bridge, event(Kind.CONNECTED, 2, call, seat=SEAT, leg=call, data=data))
        assert mode() == "talking" and Call.objects.get(call=call).channel == "T/9"
        feed(bridge, event(Kind.LEG_ENDED, 9, call, seat=SEAT, leg=call))
    feed(bridge, event(Kind.ENDED, 10, call))
    row.refresh_from_db()
    assert (row.state, mode()) == ("reached" if answered else "waiting", "after")


def test_a_call_back_that_the_network_refuses_leaves_the_seat_as_it_was(bridge: Bridge, gateway: HandGateway) -> None:
    gateway.refuse = {"originate"}
    row = owe("13800000008")
    order = orders.give("default", "dial", seat=SEAT, staff=row.staff_id, callback=row.pk)
    bridge.step(0)
    order.refresh_from_db()
    row.refresh_from_db()
    assert (order.state, row.dialled, mode()) == ("failed", "", "ready")


def test_a_transfer_names_what_is_wrong(bridge: Bridge) -> None:
    feed(bridge, *talk())
    asked = {"consent": True, "reason": "需专席解答"}
    for kind, target, code in (("seat", "8009", "no_seat"), ("seat", SEAT, "own_seat"), ("peer", "none", "no_peer"),
                               ("unit", "0", "no_unit"), ("queue", "none", "no_queue"), ("moon", "", "bad_kind"),
                               ("leader", "", "busy")):  # fmt: skip
        assert done(bridge, "transfer", mode="blind", kind=kind, target=target, **asked).code == code
    assert done(bridge, "transfer", mode="blind", kind="seat", target="8009", consent=True).code == "no_reason"
    assert Transfer.objects.count() == 0


def test_a_caller_from_110_is_a_row_of_the_ledger(bridge: Bridge) -> None:
    first, *rest = talk()
    came = CallEvent(
        first.kind, "default", CALL, first.at, first.key, line="12345", data={**first.data, "origin": "110"}
    )
    feed(bridge, came)
    assert Transfer.objects.get().outcome == "asked"
    feed(bridge, *rest)
    row = Transfer.objects.get()
    assert (row.inbound, row.outcome, row.target_kind) == (True, "accepted", "110")
