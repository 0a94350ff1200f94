"""The SMS that asks for a rating: after closing, after a call without a key, once, and only to whom it belongs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from telephony import inviting as calls
from telephony.models import Call
from tests.city import City
from ticketing.lifecycle.actions.checking import RecordCallback
from ticketing.lifecycle.engine import act
from ticketing.models import Notice, OutboxEntry, Ticket, TicketEvent
from ticketing.privacy.crypto import keyed_hash, open_box, seal
from ticketing.reviews import inviting, listening, points
from ticketing.reviews.models import Review

pytestmark = pytest.mark.django_db


def closed(city: City, **answers: Any) -> Ticket:
    ticket = city.replied()
    Ticket.objects.filter(pk=ticket.pk).update(status="to_call_back")
    command = RecordCallback(result="reached", contacted=True, solved=True, **answers)
    act(ticket.pk, command, actor=city.actor("caller"))
    assert Ticket.objects.get(pk=ticket.pk).status == "closed"
    return ticket


def hear() -> None:
    entries = list(OutboxEntry.objects.filter(topic="ticket").order_by("pk"))
    listening.hear_tickets(entries)
    inviting.hear(entries)
    inviting.hear(entries)


def invitations() -> list[str]:
    return list(Notice.objects.filter(template="rate").order_by("pk").values_list("text", flat=True))


def test_a_ticket_closed_without_a_rating_is_asked_for_once(city: City, settings: Any) -> None:
    settings.RATING_SMS = "handling"
    ticket = closed(city)
    hear()
    [text] = invitations()
    assert ticket.number in text and "/figures/rate/m/" in text and "13800000001" not in text
    path = text[text.index("/figures/") : text.index("【")]
    assert Client().get(path).status_code == 200


def test_who_has_rated_is_not_asked(city: City, settings: Any) -> None:
    settings.RATING_SMS = "both"
    closed(city, satisfaction=5)
    hear()
    assert invitations() == []


@pytest.mark.parametrize("setting", ["none", "calls"])
def test_nothing_is_sent_where_it_is_not_wanted(city: City, settings: Any, setting: str) -> None:
    settings.RATING_SMS = setting
    closed(city)
    hear()
    assert invitations() == []


def test_old_history_asks_nobody(city: City, settings: Any) -> None:
    settings.RATING_SMS = "handling"
    ticket = closed(city)
    TicketEvent.objects.filter(ticket=ticket).update(at=timezone.now() - timedelta(days=400))
    hear()
    assert invitations() == []


def ended(call: str, number: str = "+8613800000001", **more: Any) -> Call:
    at = timezone.now() - timedelta(minutes=5)
    values = {"status": "ended", "outcome": "answered", "ended_at": at, "arrived_at": at, **more}
    return Call.objects.create(
        node="n", call=call, number_box=seal(number), number_hash=keyed_hash("phone", number), **values
    )


def test_a_call_without_a_key_is_asked_by_sms_and_rated_by_link(city: City, settings: Any) -> None:
    settings.RATING_SMS = "calls"
    ended("c1")
    ended("rated", rating=4)
    ended("landline", number="037112345678")
    ended("lost", outcome="abandoned")
    ended("ours", outbound=True)
    ended("fresh", ended_at=timezone.now())
    assert (calls.run(), calls.run()) == (1, 0)
    notice = Notice.objects.get(template="rate")
    assert open_box(notice.address_box) == "13800000001" and "13800000001" not in notice.text + notice.key
    path = notice.text[notice.text.index("/figures/") : notice.text.index("【")]
    assert Client().post(path, {"level": "4"}).status_code == 200
    assert Client().post(path, {"level": "2"}).status_code == 200, "a second thought changes the one review"
    review = Review.objects.get()
    assert (review.kind, review.key, review.level, review.channel) == ("call", "c1", 2, "sms")
    assert Client().get("/figures/rate/c/forged/").status_code == 404


def test_a_link_of_a_ticket_is_none_of_a_call(city: City) -> None:
    link = points.link(city.report())
    assert Client().get(link[link.index("/figures/") :].replace("/m/", "/c/")).status_code == 404


def test_calls_are_not_asked_unless_wanted(city: City, settings: Any) -> None:
    settings.RATING_SMS = "handling"
    ended("c1")
    assert calls.run() == 0
