"""The visible outbox with masked addresses, and the unit's messages."""

from __future__ import annotations

from django.utils import timezone

from tests.city import City
from ticketing.models import Notice
from ticketing.privacy import crypto

from .conftest import LogIn


def test_outbox_shows_texts_and_masks_addresses(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    Notice.objects.filter(audience="citizen").update(address_box=crypto.seal("13800000001"), means="sms")
    for name in ("supervisor", "administrator"):
        text = log_in(name).get("/desk/notices/").content.decode()
        assert ticket.number in text
        assert "13800000001" not in text
        assert "138****0001" in text


def test_a_state_filter(city: City, log_in: LogIn) -> None:
    city.dispatched()
    Notice.objects.update(state="sent", sent_at=timezone.now())
    browser = log_in("supervisor")
    assert "还没有通知" in browser.get("/desk/notices/?state=failed").content.decode()
    assert "已发" in browser.get("/desk/notices/?state=sent").content.decode()


def test_unit_reads_its_messages(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    browser = log_in("handler")
    assert "1 条未读" in browser.get("/desk/").content.decode()
    assert ticket.number in browser.get("/desk/inbox/").content.decode()
    assert browser.post("/desk/inbox/read/").status_code == 302
    assert "条未读" not in browser.get("/desk/").content.decode()


def test_nobody_reads_for_another_unit(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    other = log_in("water")
    assert ticket.number not in other.get("/desk/inbox/").content.decode()
    row = Notice.objects.get(audience="unit")
    other.post("/desk/inbox/read/", {"pk": row.pk})
    row.refresh_from_db()
    assert row.read_at is None


def test_pages_of_messages(city: City, log_in: LogIn) -> None:
    from ticketing.desk import notices

    city.dispatched()
    unit = city.unit["lights"]
    Notice.objects.bulk_create(
        Notice(
            audience="unit",
            means="auto",
            template="t",
            text=f"消息{n}",
            department=unit,
            key=f"k{n}",
            created_at=timezone.now(),
        )
        for n in range(notices.PAGE + 5)
    )
    browser = log_in("handler")
    first = browser.get("/desk/inbox/").content.decode()
    assert f"消息{notices.PAGE + 4}" in first
    assert "更早的" in first
    assert browser.get("/desk/inbox/?before=x").status_code == 200
