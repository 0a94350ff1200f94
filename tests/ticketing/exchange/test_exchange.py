"""Tickets to 110 and other platforms: stored until delivered, once however often it is tried, results brought back."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message as Headers
from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Browser

from tests.city import City
from tests.ticketing.exchange.platform import TOKEN, Platform, platform
from ticketing.api import keys
from ticketing.errors import TicketError
from ticketing.exchange import client, sending
from ticketing.exchange.models import Exchange, ExchangeState, Peer
from ticketing.lifecycle.actions.answering import Answer, To110, ToPlatform
from ticketing.lifecycle.engine import act
from ticketing.models import Note, Notice, OutboxEntry, Ticket
from ticketing.privacy.crypto import seal

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def other() -> Iterator[Platform]:
    with platform() as found:
        yield found


@pytest.fixture
def police(other: Platform) -> Peer:
    return Peer.objects.create(name="市公安局110", kind="110", url=other.url, token_box=seal(TOKEN))


def sent(ticket: Ticket, peer: Peer, now: datetime = NOW) -> Exchange:
    return sending.queue(ticket, peer, reason="涉及警情", consent=True, now=now)


def test_a_tickets_data_arrive_and_its_result_comes_back(city: City, other: Platform, police: Peer) -> None:
    ticket = city.report(place="建设路1号")
    row = sent(ticket, police)
    assert sending.run(NOW) == 1
    [matter] = other.matters.values()
    assert matter["external_id"] == ticket.number and matter["place"] == "建设路1号"
    assert matter["person"]["phone"] == "13800000001" and "涉及警情" in matter["body"]
    assert sending.run(NOW + timedelta(minutes=4)) == 0, "not asked all the time"
    sending.run(NOW + timedelta(minutes=6))
    row.refresh_from_db()
    assert (row.state, row.ended_at) == (ExchangeState.SENT, None)
    other.status, other.answer = "closed", "民警已到场处置完毕。"
    sending.run(NOW + timedelta(minutes=12))
    row.refresh_from_db()
    assert (row.state, row.result) == (ExchangeState.ANSWERED, "民警已到场处置完毕。")
    assert "民警已到场" in Note.objects.get(ticket=ticket, kind="exchange").text
    assert Notice.objects.filter(ticket=ticket, template="exchange", audience="citizen").count() == 1
    assert sending.run(NOW + timedelta(days=1)) == 0


def test_asking_twice_is_once_and_needs_consent_and_reason(city: City, police: Peer) -> None:
    ticket = city.report()
    assert sent(ticket, police).pk == sent(ticket, police).pk
    with pytest.raises(TicketError, match="同意"):
        sending.queue(ticket, police, reason="警情", consent=False)
    with pytest.raises(TicketError, match="reason"):
        sending.queue(ticket, police, reason=" ", consent=True)
    police.active = False
    with pytest.raises(TicketError, match="未启用"):
        sent(ticket, police)


def test_an_answer_that_is_lost_makes_no_second_matter(city: City, other: Platform, police: Peer) -> None:
    row = sent(city.report(), police)
    other.lost = 1
    sending.run(NOW)
    row.refresh_from_db()
    assert (row.state, row.tries) == (ExchangeState.WAITING, 1) and row.error
    sending.run(NOW + timedelta(minutes=2))
    row.refresh_from_db()
    assert row.state == ExchangeState.SENT and len(other.matters) == 1


def test_a_closed_network_may_be_away_for_days(city: City, other: Platform, police: Peer) -> None:
    row, moment = sent(city.report(), police), NOW
    other.refusal = 503
    pauses = []
    for _ in range(14):
        assert sending.run(moment) == 1
        row.refresh_from_db()
        assert row.state == ExchangeState.WAITING and row.next_at is not None
        pauses.append(row.next_at - moment)
        moment = row.next_at
    assert pauses[0] == timedelta(minutes=1) and pauses[-1] == timedelta(hours=6) and pauses == sorted(pauses)
    other.refusal = 0
    sending.run(moment)
    row.refresh_from_db()
    assert row.state == ExchangeState.SENT


def test_what_cannot_be_delivered_in_a_week_is_ours_again(city: City, other: Platform, police: Peer) -> None:
    ticket = city.report()
    act(ticket.pk, To110(reason="警情"), actor=city.actor("dispatcher"))
    row = sent(ticket, police)
    other.refusal = 503
    sending.run(NOW + timedelta(days=8))
    row.refresh_from_db()
    ticket.refresh_from_db()
    assert (row.state, ticket.status) == (ExchangeState.FAILED, "new")


@pytest.mark.parametrize("way", ["at_the_door", "after_a_look"])
def test_what_110_declines_comes_back_to_us(city: City, other: Platform, police: Peer, way: str) -> None:
    """首接先行受理: nobody says no to the citizen twice."""
    ticket = city.report()
    act(ticket.pk, To110(reason="警情"), actor=city.actor("dispatcher"))
    row = sent(ticket, police)
    if way == "at_the_door":
        other.refusal = 409
        sending.run(NOW)
    else:
        sending.run(NOW)
        other.status, other.answer = "refused", "属于住建部门职责"
        sending.run(NOW + timedelta(minutes=6))
    row.refresh_from_db()
    ticket.refresh_from_db()
    assert (row.state, ticket.status) == (ExchangeState.DECLINED, "new")
    assert Note.objects.filter(ticket=ticket, kind="exchange").exists()
    assert not Notice.objects.filter(ticket=ticket, template="exchange").exists()


@pytest.mark.parametrize("secret", [{"confidential": True}, {"anonymous": True}])
def test_who_asked_for_secrecy_stays_with_us(
    city: City, other: Platform, police: Peer, secret: dict[str, bool]
) -> None:
    sent(city.report(**secret), police)
    sending.run(NOW)
    [matter] = other.matters.values()
    assert "person" not in matter and "13800000001" not in json.dumps(matter)


def test_a_wrong_key_is_a_matter_of_time(city: City, other: Platform, police: Peer) -> None:
    Peer.objects.update(token_box=seal("wrong.key"))
    row = sent(city.report(), police)
    sending.run(NOW)
    row.refresh_from_db()
    assert (row.state, row.error) == (ExchangeState.WAITING, "http_401")


def test_nothing_personal_is_logged(
    city: City, other: Platform, police: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    sent(city.report(), police)
    other.refusal = 500
    sending.run(NOW)
    assert caplog.records and "13800000001" not in caplog.text and "路灯" not in caplog.text


def test_our_own_api_is_such_a_platform(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract from the other end: what we send is what our API takes, and what it answers is what we read."""
    _, token = keys.make("邻市平台", "410200", ["create", "read"], "peer")
    monkeypatch.setattr(client.urllib.request, "urlopen", ours)
    peer = Peer.objects.create(name="邻市12345", kind="peer", url="http://neighbour.example", token_box=seal(token))
    row = sent(city.report(region="", place="邻市中山路2号"), peer)
    sending.run(NOW)
    row.refresh_from_db()
    theirs = Ticket.objects.get(number=row.their_number)
    assert (theirs.city_id, theirs.channel, theirs.external_id) == ("410200", "peer", row.ticket.number)
    act(theirs.pk, Answer(answer="已告知办理方式。"), actor=city.actor("far_dispatcher"))
    sending.run(NOW + timedelta(minutes=6))
    row.refresh_from_db()
    assert (row.state, row.result) == (ExchangeState.ANSWERED, "已告知办理方式。")


def ours(request: Any, timeout: float) -> Any:
    """`urlopen` onto our own application."""
    headers = {name: value for name, value in request.header_items() if name.lower() != "host"}
    browser, path = Browser(), request.full_url.removeprefix("http://neighbour.example")
    if request.method == "POST":
        answer = browser.post(path, request.data, content_type="application/json", headers=headers)
    else:
        answer = browser.get(path, headers=headers)
    if answer.status_code >= 400:
        raise urllib.error.HTTPError(path, answer.status_code, "", Headers(), BytesIO(answer.content))
    return BytesIO(answer.content)


@pytest.mark.parametrize("twice", [1, 2])
def test_what_the_desk_hands_over_goes_by_itself(city: City, police: Peer, twice: int) -> None:
    """工单流转: to 110, and to a platform by its name; hearing it twice sends it once."""
    upper = Peer.objects.create(name="省12345平台", kind="upper", url="http://127.0.0.1:9")
    to_police, to_upper, elsewhere = city.report(), city.triaged(), city.triaged()
    act(to_police.pk, To110(reason="涉及警情"), actor=city.actor("dispatcher"))
    act(to_upper.pk, ToPlatform(platform="省12345平台", reason="属省级事权"), actor=city.actor("dispatcher"))
    act(elsewhere.pk, ToPlatform(platform="某部门网站", reason="另有渠道"), actor=city.actor("dispatcher"))
    entries = list(OutboxEntry.objects.filter(topic="ticket").order_by("pk"))
    for _ in range(twice):
        sending.hear(entries)
    found = {(row.ticket_id, row.peer_id, row.reason) for row in Exchange.objects.all()}
    assert found == {(to_police.pk, police.pk, "涉及警情"), (to_upper.pk, upper.pk, "属省级事权")}
