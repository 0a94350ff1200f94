"""Filing: kept text, named fields, one ticket however often it is sent, and nothing of an anonymous person."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from ticketing.errors import BadInput
from ticketing.models import Attachment, Identity, Notice, Ticket
from ticketing.portal import filing, throttle
from ticketing.portal.views import uploads
from ticketing.privacy.identity import opened

from .world import PHONE, World

TOKEN = "a" * 32
BODY = "小区门口的路灯坏了一个星期，老人晚上看不见路，希望尽快修好。"


def filled(**changes: Any) -> dict[str, Any]:
    facts = {
        "token": TOKEN,
        "body": BODY,
        "kind": "help",
        "region": "410102",
        "place": "文化路口",
        "identity": "open",
        "phone": "139 0000-1111",
        "name": "王秀英",
        "wants_callback": "on",
    }
    return {name: value for name, value in (facts | changes).items() if value is not None}


def send(client: Client, **changes: Any) -> Any:
    return client.post("/file/", filled(**changes))


def photo() -> SimpleUploadedFile:
    target = BytesIO()
    Image.new("RGB", (30, 20), "teal").save(target, "JPEG")
    return SimpleUploadedFile("门口.jpg", target.getvalue(), "image/jpeg")


def test_a_complaint_becomes_a_ticket_with_a_receipt(client: Client, world: World) -> None:
    answer = send(client, publishable="on", on_behalf="on", files=[photo()])
    ticket = Ticket.objects.get()
    assert answer.status_code == 302
    assert ticket.number not in answer.url
    assert (ticket.channel, ticket.kind, ticket.region_id, ticket.place) == ("web", "help", "410102", "文化路口")
    assert ticket.publishable and ticket.wants_callback and not ticket.confidential
    assert ticket.title == "小区门口的路灯坏了一个星期，老人晚上看不见路，希望尽快修好"
    assert filing.ON_BEHALF in ticket.body
    assert opened(ticket.identity).phone == PHONE
    assert Attachment.objects.get(ticket=ticket).by == "citizen"
    page = client.get(answer.url).content.decode()
    assert ticket.number in page
    assert re.search(r'id="code">[2-9A-Z]{8}<', page)
    assert "<svg" in page


@pytest.mark.parametrize("identity", ["open", "confidential", "anonymous"])
def test_who_is_told_depends_on_the_choice(client: Client, world: World, identity: str) -> None:
    send(client, identity=identity)
    ticket = Ticket.objects.get()
    assert ticket.confidential == (identity == "confidential")
    assert ticket.anonymous == (identity == "anonymous")
    assert Identity.objects.filter(ticket=ticket).exists() == (identity != "anonymous")


def test_nothing_of_an_anonymous_person_is_stored(client: Client, world: World) -> None:
    """Even what the browser sent along is not kept: identity row, notice, call-back, name in any column."""
    send(client, identity="anonymous", name="王秀英", phone=PHONE)
    ticket = Ticket.objects.get()
    assert not Identity.objects.exists()
    assert not Notice.objects.exists()
    assert not ticket.wants_callback
    columns = " ".join(str(value) for value in Ticket.objects.values().get().values())
    events = " ".join(str(row) for row in ticket.events.values("data", "reason", "origin"))
    for secret in ("王秀英", PHONE, "127.0.0.1"):
        assert secret not in columns + events


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"body": ""}, "id_body", "请写明"),
        ({"body": "坏了"}, "id_body", "再详细一点"),
        ({"body": "长" * 5001}, "id_body", "5000"),
        ({"kind": "nonsense"}, "id_kind", "nonsense"),
        ({"region": "999999"}, "id_region", "999999"),
        ({"phone": ""}, "id_phone", "匿名"),
        ({"phone": "abc"}, "id_phone", "5 至 15 位"),
        ({"phone": "1" * 16}, "id_phone", "5 至 15 位"),
        ({"identity": None}, "id_identity", "必填"),
        ({"place": "远" * 301}, "id_place", "300"),
        ({"token": "short"}, "id_token", "有效"),
        ({"body": "路灯坏了\x00很久"}, "id_body", "不可用的字符"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_is_kept(
    client: Client, world: World, changes: dict[str, Any], field: str, words: str
) -> None:
    answer = send(client, **changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{field}' in page
    assert words in page
    if "place" not in changes:
        assert "文化路口" in page
    if "body" not in changes:
        assert BODY in page
    assert not Ticket.objects.exists()


def test_a_bad_file_stops_the_ticket_and_is_named(client: Client, world: World, settings: Any) -> None:
    answer = send(client, files=[SimpleUploadedFile("病毒.jpg", b"MZ\x90", "image/jpeg")])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "病毒.jpg" in page and BODY in page
    assert not Ticket.objects.exists()
    assert not [path for path in Path(settings.ATTACHMENTS).rglob("*") if path.is_file()]


def test_sending_twice_is_one_ticket_with_one_code(client: Client, world: World) -> None:
    first, second = send(client, files=[photo()]), send(client, files=[photo()])
    assert first.url == second.url
    assert Ticket.objects.count() == 1
    assert Attachment.objects.count() == 1
    codes = {re.search(r'id="code">(\w+)<', client.get(first.url).content.decode())[1] for _ in range(2)}  # type: ignore[index]
    assert len(codes) == 1


def test_two_presses_that_overtake_each_other_end_in_a_code_that_works(client: Client, world: World) -> None:
    """The second answer replaced the code; a session that still holds the first one is healed when it is shown."""
    url = send(client).url
    other = Client()
    send(other)
    page = client.get(url).content.decode()
    number = Ticket.objects.get().number
    code = re.search(r'id="code">(\w+)<', page)[1]  # type: ignore[index]
    assert Client().post("/track/", {"number": number, "code": code}).status_code == 302


def test_the_stored_external_id_is_not_the_forms_token(client: Client, world: World) -> None:
    send(client)
    external = Ticket.objects.get().external_id
    assert external and TOKEN not in external
    stranger = Client()
    send(stranger, token=external[:40].replace("=", "a"))
    assert Ticket.objects.count() == 2


def test_a_receipt_belongs_to_its_browser(client: Client, world: World) -> None:
    url = send(client).url
    assert client.get(url).status_code == 200
    assert Client().get(url).status_code == 404
    assert "no-store" in client.get(url)["Cache-Control"]


def test_the_code_is_not_kept_in_clear_text(client: Client, world: World) -> None:
    url = send(client).url
    code = re.search(r'id="code">(\w+)<', client.get(url).content.decode())[1]  # type: ignore[index]
    assert code not in str(dict(client.session.items()))
    assert code not in str(Ticket.objects.values().get())


def test_a_form_that_is_too_large_is_refused_before_it_is_read(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "most_bytes", lambda: 100)
    answer = send(client)
    assert answer.status_code == 413
    assert not Ticket.objects.exists()


def test_the_csrf_check_still_stands(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert send(strict).status_code == 403
    page = strict.get("/file/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]  # type: ignore[index]
    assert strict.post("/file/", filled(csrfmiddlewaretoken=token)).status_code == 302


def test_a_machine_that_floods_is_slowed(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticketing.portal.views.filing.FILED_FROM_HERE", throttle.Limit("test.filed", 1, 60))
    send(client)
    answer = send(client, token="b" * 32)
    assert answer.status_code == 422
    assert "12345" in answer.content.decode()
    assert Ticket.objects.count() == 1


def test_intakes_own_refusals_reach_the_form(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BadInput("external_id", "无法登记：编号冲突，请重试")

    monkeypatch.setattr(filing, "accept", refuse)
    answer = send(client)
    assert answer.status_code == 422
    assert "编号冲突" in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("路灯不亮。已经一周", "路灯不亮"),
        ("短", "短"),
        ("字" * 80, "字" * 40),
        ("第一行\n第二行，第三", "第一行 第二行，第三"),
        (f"{'一' * 30}，{'二' * 30}，", "一" * 30),
    ],
)
def test_the_headline_ends_at_a_clause(body: str, title: str) -> None:
    assert filing.headline(body) == title


def test_large_type_asks_less(client: Client, world: World) -> None:
    usual = client.get("/file/").content.decode()
    client.cookies["elder"] = "1"
    large = client.get("/file/").content.decode()
    assert 'name="kind"' in usual and 'name="kind"' not in large
    send(client, kind=None)
    assert Ticket.objects.get().kind == ""
