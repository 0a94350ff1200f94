"""Identity at rest: sealed, found by keyed hash, opened with the right, sealed again under a new key."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from telephony.models import Call
from tests.city import City
from ticketing.models import Identity, ReadLedger
from ticketing.privacy import crypto, masking
from ticketing.privacy.identity import Person, masked, may_reveal, may_see_identity, opened, record_read


def test_no_column_of_the_database_holds_name_or_phone(city: City) -> None:
    ticket = city.report(person=Person(name="欧阳测试", phone="13912345678", id_number="41010219900101123X"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ticketing_identity WHERE ticket_id = %s", [ticket.pk])
        row = " ".join(str(cell) for cell in cursor.fetchone())
    for secret in ("欧阳测试", "13912345678", "41010219900101123X"):
        assert secret not in row
    assert opened(ticket.identity).phone == "13912345678"
    assert Identity.objects.filter(phone_hash=crypto.keyed_hash("phone", "139 1234-5678")).exists()


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert crypto.seal("同一个人") != crypto.seal("同一个人")


@pytest.mark.parametrize(
    "written", ["+86 139 1234 5678", "008613912345678", "013912345678", "１３９１２３４５６７８", "(139)1234-5678"]
)
def test_one_phone_is_found_however_it_was_written(written: str) -> None:
    assert crypto.keyed_hash("phone", written) == crypto.keyed_hash("phone", "13912345678")


def test_other_phones_stay_apart() -> None:
    landline, without, extension = "0371-66100110", "66100110", "66100110-801"
    assert len({crypto.keyed_hash("phone", one) for one in (landline, without, extension, "8613800000")}) == 4
    assert crypto.keyed_hash("phone", "未显示") == ""


def test_an_altered_box_does_not_open() -> None:
    box = crypto.seal("13912345678")
    name, nonce, content = box.split(".")
    flipped = content[:-2] + ("A" if content[-2] != "A" else "B") + content[-1]
    with pytest.raises(crypto.CannotOpen):
        crypto.open_box(f"{name}.{nonce}.{flipped}")


def test_keys_rotate(city: City, settings: object) -> None:
    settings.PII_KEYS = ["old"]  # type: ignore[attr-defined]
    ticket = city.report()
    call = Call.objects.create(node="default", call="c-1", number_box=crypto.seal("13900000007"))
    settings.PII_KEYS = ["new", "old"]  # type: ignore[attr-defined]
    out = StringIO()
    call_command("rotate_pii_key", stdout=out)
    settings.PII_KEYS = ["new"]  # type: ignore[attr-defined]
    assert opened(Identity.objects.get(ticket=ticket)).phone == "13800000001"
    call.refresh_from_db()
    assert crypto.open_box(call.number_box) == "13900000007", "every app's sealed columns, not only ticketing's"
    again = StringIO()
    call_command("rotate_pii_key", stdout=again)
    assert again.getvalue().startswith("0 rows")


@pytest.mark.parametrize(
    ("shown", "whole"),
    [
        (masking.phone("13912345678"), "139****5678"),
        (masking.phone("12345"), "***45"),
        (masking.name("欧阳测试"), "欧***"),
        (masking.name(""), ""),
        (masking.email("someone@example.org"), "s***@example.org"),
    ],
)
def test_masks(shown: str, whole: str) -> None:
    assert shown == whole


def test_who_may_see_whom(city: City) -> None:
    plain = city.dispatched()
    secret = city.dispatched(confidential=True)
    for name, sees, sees_secret in (
        ("agent", True, True),
        ("dispatcher", True, True),
        ("handler", True, False),
        ("stranger", False, False),
        ("far_dispatcher", False, False),
        ("administrator", False, False),
    ):
        actor = city.actor(name)
        assert may_see_identity(actor, plain) is sees, name
        assert may_see_identity(actor, secret) is sees_secret, name
    assert not may_reveal(city.actor("auditor"), plain)
    assert masked(plain.identity).phone == "138****0001"


def test_reading_leaves_a_row(city: City) -> None:
    ticket = city.dispatched()
    record_read(city.actor("handler"), ticket, "电话", "联系群众")
    row = ReadLedger.objects.get()
    assert (row.staff, row.ticket, row.reason) == (city.staff["handler"], ticket, "联系群众")
