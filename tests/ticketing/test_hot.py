"""Statements built once write and read what the ORM would."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.city import City
from ticketing.api.keys import make
from ticketing.hot import Lookup, insert, insert_once
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actors import citizen_actor
from ticketing.models import ApiKey, Clock, Identity, Notice, OutboxEntry, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
MODELS = (Ticket, Clock, TicketEvent, OutboxEntry, Notice)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_row_is_stored_as_the_orm_stores_it(city: City, model: type[Clock]) -> None:
    city.report()
    row = model.objects.latest("pk")
    row.pk = None
    for name in ("number", "key", "external_id"):
        if hasattr(row, name):
            setattr(row, name, "7" * 18)
    if isinstance(row, TicketEvent):
        row.seq = 99
    if isinstance(row, Clock):
        row.name = "check"
    insert(row)
    assert row.pk is not None and not row._state.adding
    written = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
    assert model.objects.filter(pk=row.pk).values().get() == written


def test_a_row_with_a_key_of_its_own(city: City) -> None:
    ticket = city.report(anonymous=True)
    insert(Identity(ticket=ticket, phone_hash="x"))
    assert Identity.objects.get(ticket=ticket).phone_hash == "x"


def test_what_is_there_already(city: City) -> None:
    city.report()
    notice = Notice.objects.latest("pk")
    again = Notice(ticket=notice.ticket, audience="citizen", means="auto", key=notice.key, created_at=timezone.now())
    insert_once(again)
    assert again.pk is None and Notice.objects.filter(key=notice.key).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(again)


def test_a_lookup_finds_one_row_or_none(city: City) -> None:
    key, _ = make("甲", "410100", ["create", "read"], "peer")
    find = Lookup(ApiKey, "prefix", active=True)
    found = find(key.prefix)
    assert found is not None
    assert [getattr(found, field.attname) for field in ApiKey._meta.concrete_fields] == [
        getattr(ApiKey.objects.get(pk=key.pk), field.attname) for field in ApiKey._meta.concrete_fields
    ]
    assert find("nothing") is None
    ApiKey.objects.update(active=False)
    assert find(key.prefix) is None


def test_the_same_number_again_is_the_same_ticket(city: City) -> None:
    report = Report(channel="web", body="路灯不亮", external_id="a-1")
    first, again = (accept(report, actor=citizen_actor()) for _ in range(2))
    assert (first.new, again.new, first.ticket.pk) == (True, False, again.ticket.pk)
