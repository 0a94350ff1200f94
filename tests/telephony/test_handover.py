"""The ticket's data follow the caller to 110 and to other hotlines; what nobody took stays with us, visibly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from telephony.bridge import Bridge
from telephony.console.present import peers
from telephony.gateways.events import Kind, TransferEvent
from telephony.handover import accepted_first, bind
from telephony.models import Transfer, Trunk
from tests.telephony.fakes import HandGateway
from tests.telephony.seats.test_bridge import CALL, bridge, done, event, feed, gateway, talk
from ticketing.exchange.models import Exchange, Peer
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actors import SYSTEM
from ticketing.models import Ticket

__all__ = ["bridge", "gateway"]  # fixtures
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city")]
ASK = {"consent": True, "reason": "涉及警情"}


def filed() -> Ticket:
    return accept(Report(channel="phone", body="楼下有人打架，请处理", call_key=CALL), actor=SYSTEM).ticket


@pytest.fixture
def police() -> Peer:
    return Peer.objects.create(name="市公安局110", kind="110", url="http://127.0.0.1:9")


@pytest.fixture
def neighbour() -> Peer:
    Trunk.objects.create(name="kaifeng", kind="peer", host="10.0.0.9", number="037112345")
    return Peer.objects.create(name="开封12345", kind="peer", url="http://127.0.0.1:9", trunk="kaifeng")


def take_over(found: Bridge, target: str, mode: str = "three_way") -> Transfer:
    assert done(found, "transfer", mode=mode, target=target, **ASK).state == "done"
    return Transfer.objects.get()


def test_a_ticket_saved_before_the_transfer_goes_along_when_110_joins(bridge: Bridge, police: Peer) -> None:
    feed(bridge, *talk())
    ticket = filed()
    row = take_over(bridge, "110")
    assert row.ticket == ticket and not Exchange.objects.exists(), "nothing goes before the other side is there"
    feed(bridge, event(Kind.PARTY_JOINED, 9, leg=row.party))
    sent = Exchange.objects.get()
    assert (sent.ticket, sent.peer, sent.reason, sent.call_key) == (ticket, police, "涉及警情", CALL)
    feed(bridge, event(Kind.LEG_ENDED, 20, seat="8001", leg="l1"), event(Kind.ENDED, 30))
    row.refresh_from_db()
    assert row.outcome == "accepted" and Exchange.objects.count() == 1, "once for the call"


def test_a_ticket_saved_after_the_transfer_follows(bridge: Bridge, neighbour: Peer) -> None:
    feed(bridge, *talk())
    row = take_over(bridge, "peer-kaifeng", "blind")
    assert row.target_kind == "peer" and ("blind", "PJSIP/8001-1", "peer-kaifeng") in bridge.gateway.asked  # type: ignore[attr-defined]
    feed(bridge, event(Kind.TRANSFERRED, 9))
    assert bind(filed()) == 1
    assert Exchange.objects.get().peer == neighbour
    assert bind(Ticket.objects.get()) == 0


@pytest.mark.parametrize("reason", ["busy", "no_answer", "unreachable"])
def test_nobody_takes_it_so_we_accept_first(bridge: Bridge, police: Peer, reason: str) -> None:
    feed(bridge, *talk())
    row = take_over(bridge, "110")
    feed(bridge, TransferEvent("default", row.party, timezone.now(), False, reason))
    bind(filed())
    row.refresh_from_db()
    assert row.outcome == reason and accepted_first(row) and not Exchange.objects.exists()


def test_a_platform_that_we_exchange_nothing_with_gets_nothing(bridge: Bridge) -> None:
    feed(bridge, *talk())
    filed()
    row = take_over(bridge, "110")
    feed(bridge, event(Kind.PARTY_JOINED, 9, leg=row.party))
    assert not Exchange.objects.exists()


def test_without_consent_nothing_moves(bridge: Bridge, police: Peer) -> None:
    feed(bridge, *talk())
    order = done(bridge, "transfer", mode="blind", target="110", consent=False)
    assert (order.state, order.code) == ("failed", "no_consent") and not Transfer.objects.exists()


def test_the_console_knows_the_peers_by_name(neighbour: Peer) -> None:
    Trunk.objects.create(name="luoyang", kind="peer", host="10.0.0.8")
    Trunk.objects.create(name="off", kind="peer", host="10.0.0.7", active=False)
    assert peers() == [
        {"target": "peer-kaifeng", "name": "开封12345"}, {"target": "peer-luoyang", "name": "luoyang"},
    ]  # fmt: skip


def test_a_gateway_says_what_it_cannot_do(bridge: Bridge, neighbour: Peer, monkeypatch: Any) -> None:
    found: HandGateway = bridge.gateway  # type: ignore[assignment]
    found.refuse.add("blind")
    feed(bridge, *talk())
    order = done(bridge, "transfer", mode="blind", target="peer-kaifeng", **ASK)
    assert order.state == "failed" and Transfer.objects.get().outcome == "unreachable"
    assert Transfer.objects.get().asked_at > timezone.now() - timedelta(minutes=1)


@pytest.mark.parametrize(("taken", "outcome"), [(True, "accepted"), (False, "caller_gone")])
def test_a_caller_whom_110_hands_to_us_is_in_the_ledger_too(bridge: Bridge, taken: bool, outcome: str) -> None:
    first = event(Kind.ARRIVED, 0, number="13800000001", line="12345", data={"channel": "T/1", "origin": "110"})
    feed(bridge, first, *(talk()[1:] if taken else talk()[1:2]))
    feed(bridge, first)
    ticket = filed()
    bind(ticket)
    feed(bridge, event(Kind.ENDED, 60))
    row = Transfer.objects.get()
    assert (row.inbound, row.target_kind, row.outcome, row.ticket) == (True, "110", outcome, ticket)
    assert not Exchange.objects.exists(), "what came from there is not sent back by itself"


def test_a_received_call_can_be_moved_on(bridge: Bridge, police: Peer) -> None:
    feed(bridge, event(Kind.ARRIVED, 0, data={"channel": "T/1", "origin": "peer"}), *talk()[1:])
    assert done(bridge, "transfer", mode="three_way", target="110", **ASK).state == "done"
    row = Transfer.objects.get(inbound=False)
    feed(bridge, event(Kind.PARTY_JOINED, 9, leg=row.party))
    assert {(r.inbound, r.outcome) for r in Transfer.objects.all()} == {(True, "accepted"), (False, "joined")}
