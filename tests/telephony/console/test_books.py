"""The telephone's books: transfers with outcome and data, calls that we owe, the nuisance list and its review dates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from telephony.models import Call, CallbackRequest, NuisanceCaller, Transfer
from tests.city import City
from ticketing.exchange.models import Exchange, Peer
from ticketing.models import Ticket

pytestmark = pytest.mark.django_db


def page(city: City, name: str, path: str, **form: str) -> Any:
    client = Client()
    client.force_login(city.staff[name])
    return client.post(f"/console/{path}/", form) if form else client.get(f"/console/{path}/")


def test_the_ledger_shows_outcome_data_and_who_accepted_first(city: City) -> None:
    ticket, now = city.report(), timezone.now()
    call = Call.objects.create(node="n", call="c1", status="ended")
    about = {"call": call, "mode": "three_way", "consent": True, "asked_at": now, "ticket": ticket}
    Transfer.objects.create(target="110", target_kind="110", outcome="accepted", reason="打架", **about)
    Transfer.objects.create(target="peer-kaifeng", target_kind="peer", outcome="busy", **about)
    Transfer.objects.create(target="110", target_kind="110", outcome="busy", **{**about, "ticket": None})
    Exchange.objects.create(
        ticket=ticket, peer=Peer.objects.create(name="市公安局110", kind="110", url="http://x.example"), reason="打架",
        call_key="c1", created_at=now, state="sent",
    )  # fmt: skip
    city.report(channel="110", external_id="J-1")
    text = page(city, "supervisor", "ledger").content.decode()
    assert text.count("首接先行受理") == 1 and "对方已接收" in text and "J-1" in text and "占线 2" in text
    other = Client()
    other.force_login(city.staff["supervisor"])
    assert "打架" not in other.get("/console/ledger/?kind=peer&days=1").content.decode().split("平台间转办")[0]
    assert other.get("/console/ledger/?days=x&kind=zzz").status_code == 200


def tomorrow(hour: int) -> str:
    return f"{timezone.localtime() + timedelta(days=1):%Y-%m-%d}T{hour:02d}:00"


def test_a_call_back_is_scheduled_for_a_tickets_citizen(city: City) -> None:
    ticket = city.report()
    assert page(city, "agent", "callbacks", ticket=ticket.number, at=tomorrow(10)).status_code == 302
    row = CallbackRequest.objects.get()
    assert (row.kind, row.ticket, row.state) == ("asked", ticket, "waiting")
    shown = page(city, "agent", "callbacks").content.decode()
    assert "138****0001" in shown and "13800000001" not in shown


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"ticket": "1", "at": tomorrow(10)}, "没有工单"), ({"at": ""}, "回拨时间"),
        ({"at": tomorrow(23)}, "08:30 至 20:30"), ({"at": "2020-01-01T10:00"}, "三十天"),
    ],
)  # fmt: skip
def test_a_wrong_schedule_says_what_is_accepted(city: City, form: dict[str, str], said: str) -> None:
    answer = page(city, "agent", "callbacks", **{"ticket": city.report().number, **form})
    assert answer.status_code == 422 and said in answer.content.decode() and not CallbackRequest.objects.exists()


def test_a_ticket_without_a_phone_has_nobody_to_call(city: City) -> None:
    ticket = city.report()
    Ticket.objects.get(pk=ticket.pk).identity.delete()
    answer = page(city, "agent", "callbacks", ticket=ticket.number, at=tomorrow(10))
    assert "没有联系电话" in answer.content.decode()


def test_the_nuisance_list_is_kept_by_the_leader_until_its_date(city: City) -> None:
    date = f"{timezone.localdate() + timedelta(days=10)}"
    assert (
        page(
            city, "supervisor", "nuisance", do="add", number="13812345678", reason="连续辱骂", review_on=date
        ).status_code
        == 302
    )
    row = NuisanceCaller.objects.get()
    assert row.review_on == timezone.localdate() + timedelta(days=10)
    shown = page(city, "supervisor", "nuisance").content.decode()
    assert "138****5678" in shown and "13812345678" not in shown + row.number_box
    page(city, "supervisor", "nuisance", do="confirm", id=str(row.pk))
    row.refresh_from_db()
    assert row.review_on == timezone.localdate() + timedelta(days=30)
    page(city, "supervisor", "nuisance", do="remove", id=str(row.pk))
    row.refresh_from_db()
    assert row.review_on < timezone.localdate(), "the bridge takes it off the phone system and then away"
    assert page(city, "agent", "nuisance", do="remove", id=str(row.pk)).status_code == 403


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"do": "add", "number": "x"}, "电话号码"), ({"do": "add", "number": "13812345678"}, "复核日期"),
        ({"do": "fly", "id": "1"}, "add、confirm、remove"), ({"do": "remove", "id": "99"}, "没有这条记录"),
        ({"do": "remove", "id": "x"}, "没有这条记录"),
    ],
)  # fmt: skip
def test_a_wrong_entry_says_what_is_accepted(city: City, form: dict[str, str], said: str) -> None:
    answer = page(city, "supervisor", "nuisance", **form)
    assert answer.status_code == 422 and said in answer.content.decode()
