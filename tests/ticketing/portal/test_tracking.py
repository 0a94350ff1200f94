"""Following a ticket: by number and code, by phone and SMS code; guessing is slow and teaches nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from ticketing.errors import RuleBroken
from ticketing.models import Notice, SmsCode
from ticketing.portal import forms, owned, proof, qr, smscodes, throttle
from ticketing.privacy import crypto
from ticketing.privacy.identity import Person

from .world import PHONE, World


def look(client: Client, number: str, code: str) -> Any:
    return client.post("/track/", {"number": number, "code": code})


def sent_code() -> str:
    text = Notice.objects.filter(template="sms_code").latest("pk").text
    return "".join(mark for mark in text if mark.isdigit())[:6]


def test_number_and_code_open_the_ticket(client: Client, world: World) -> None:
    accepted = world.accept()
    answer = look(client, accepted.ticket.number, accepted.query_code)
    assert answer.status_code == 302
    assert accepted.ticket.number not in answer.url and accepted.query_code not in answer.url
    assert "路灯不亮" in client.get(answer.url).content.decode()


def test_what_people_type_is_understood(client: Client, world: World) -> None:
    accepted = world.accept()
    number, code = accepted.ticket.number, accepted.query_code.lower()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number)
    assert look(client, f" {wide[:6]} {wide[6:]} ", f"{code[:4]}-{code[4:]} ").status_code == 302


def test_wrong_number_and_wrong_code_look_alike(client: Client, world: World) -> None:
    accepted = world.accept()
    pages = []
    for number, code in ((accepted.ticket.number, "AAAAAAAA"), ("9" * 18, accepted.query_code), ("x", "-")):
        answer = look(client, number, code)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert proof.WRONG in page
        pages.append(len(page.replace(number, "").replace(code, "")))
    assert "路灯不亮" not in page


def test_a_ticket_without_a_code_is_not_opened_by_an_empty_one(client: Client, world: World) -> None:
    ticket = world.accept().ticket
    type(ticket).objects.filter(pk=ticket.pk).update(query_hash="")
    assert look(client, ticket.number, "0").status_code == 422
    assert look(client, ticket.number, "").status_code == 422


def test_guessing_one_number_is_stopped(client: Client, world: World) -> None:
    accepted = world.accept()
    for _ in range(throttle.WRONG_CODES.most):
        assert look(Client(), accepted.ticket.number, "AAAAAAAA").status_code == 422
    stopped = look(client, accepted.ticket.number, accepted.query_code)
    assert stopped.status_code == 429
    assert proof.WAIT in stopped.content.decode()


def test_guessing_many_numbers_from_one_place_is_stopped(client: Client, world: World) -> None:
    accepted = world.accept()
    for turn in range(throttle.WRONG_FROM_HERE.most):
        look(client, f"{turn:018d}", "AAAAAAAA")
    assert look(client, accepted.ticket.number, accepted.query_code).status_code == 429
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert look(elsewhere, accepted.ticket.number, accepted.query_code).status_code == 302


def test_behind_the_proxy_the_proxys_word_counts(rf: Any, settings: Any) -> None:
    request = rf.get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.1.1.1")
    settings.SECURE_PROXY_SSL_HEADER = None
    assert throttle.address(request) == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert throttle.address(request) == "10.1.1.1"


def test_no_address_and_no_number_stands_in_the_cache(world: World) -> None:
    limit = throttle.Limit("plain", 1, 60)
    assert "10.0.0.1" not in limit._key("10.0.0.1")


class TestPhone:
    def test_a_code_shows_the_tickets_of_the_phone(self, client: Client, world: World) -> None:
        mine, other = world.accept(), world.accept(person=Person(name="李四", phone="13700002222"))
        assert client.post("/track/phone/", {"phone": "+86 139-0000-1111"}).url == "/track/code/"
        answer = client.post("/track/code/", {"sms": sent_code()})
        page = client.get(answer.url).content.decode()
        assert answer.url == "/track/list/"
        assert mine.ticket.number in page and other.ticket.number not in page

    def test_known_and_unknown_phones_get_the_same_answer(self, world: World) -> None:
        world.accept()
        pages = []
        for phone in (PHONE, "13700009999"):
            browser = Client()
            first = browser.post("/track/phone/", {"phone": phone})
            wrong = browser.post("/track/code/", {"sms": "000000"})
            second = browser.post("/track/phone/", {"phone": phone})
            pages.append((first.status_code, first.url, wrong.status_code, second.status_code))
        assert pages[0] == pages[1] == (302, "/track/code/", 422, 429)
        assert Notice.objects.filter(template="sms_code").count() == 1
        assert SmsCode.objects.count() == 2

    def test_the_phone_is_nowhere_in_clear(self, client: Client, world: World) -> None:
        world.accept()
        client.post("/track/phone/", {"phone": PHONE})
        assert PHONE not in str(dict(client.session.items()))
        assert PHONE not in str(SmsCode.objects.values().get())
        notice = Notice.objects.get(template="sms_code")
        assert PHONE not in notice.text and PHONE not in notice.address_box
        assert crypto.open_box(notice.address_box) == PHONE

    def test_a_code_works_once_and_leaves_the_message(self, world: World) -> None:
        world.accept()
        hashed = smscodes.send(PHONE)
        code = sent_code()
        assert smscodes.prove(hashed, code)
        assert not smscodes.prove(hashed, code)
        assert code not in Notice.objects.get(template="sms_code").text

    def test_a_code_runs_out(self, world: World) -> None:
        world.accept()
        now = timezone.now()
        hashed = smscodes.send(PHONE, now=now)
        assert not smscodes.prove(hashed, sent_code(), now=now + timedelta(minutes=10, seconds=1))

    def test_five_wrong_tries_end_a_code(self, world: World) -> None:
        world.accept()
        hashed = smscodes.send(PHONE)
        code = sent_code()
        wrong = "111111" if code != "111111" else "222222"
        assert not any(smscodes.prove(hashed, wrong) for _ in range(smscodes.MOST_TRIES))
        assert not smscodes.prove(hashed, code)

    def test_only_the_newest_code_counts(self, world: World) -> None:
        world.accept()
        now = timezone.now()
        hashed = smscodes.send(PHONE, now=now)
        old = sent_code()
        smscodes.send(PHONE, now=now + timedelta(seconds=61))
        new = sent_code()
        assert old == new or not smscodes.prove(hashed, old)
        assert smscodes.prove(hashed, new)

    def test_codes_are_few(self, world: World) -> None:
        now = timezone.now()
        for turn in range(smscodes.MOST_PER_DAY):
            smscodes.send(PHONE, now=now + timedelta(minutes=2 * turn))
        with pytest.raises(RuleBroken, match="今天"):
            smscodes.send(PHONE, now=now + timedelta(hours=1))
        smscodes.send(PHONE, now=now + timedelta(hours=25))

    def test_one_place_may_not_ask_for_many_phones(self, client: Client, world: World) -> None:
        for turn in range(throttle.CODES_FROM_HERE.most):
            client.post("/track/phone/", {"phone": f"1370000{turn:04d}"})
        assert client.post("/track/phone/", {"phone": PHONE}).status_code == 429
        assert Notice.objects.filter(template="sms_code").count() == 0

    def test_old_codes_are_cleaned_away(self, world: World) -> None:
        world.accept()
        now = timezone.now()
        smscodes.send(PHONE, now=now - timedelta(days=3))
        code = sent_code()
        assert smscodes.expire(now) == 2
        notice = Notice.objects.get(template="sms_code")
        assert code not in notice.text
        assert notice.state == "failed"
        assert not SmsCode.objects.exists()
        assert smscodes.expire(now) == 0

    def test_without_a_phone_there_is_no_code_page(self, client: Client, world: World) -> None:
        assert client.get("/track/code/").url == "/track/"
        assert client.get("/track/phone/").url == "/track/"
        assert client.get("/track/list/").url == "/track/"


def test_leaving_forgets_everything(client: Client, world: World) -> None:
    accepted = world.accept()
    url = look(client, accepted.ticket.number, accepted.query_code).url
    client.post("/track/leave/")
    assert client.get(url).status_code == 404
    assert client.get("/track/list/").status_code == 302


def test_ownership_runs_out(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = world.accept()
    url = look(client, accepted.ticket.number, accepted.query_code).url
    later = owned.time.time() + owned.KEEP_SECONDS + 1
    monkeypatch.setattr(owned.time, "time", lambda: later)
    assert client.get(url).status_code == 404


def test_the_qr_code_carries_its_secret_in_the_fragment_only(settings: Any) -> None:
    settings.PUBLIC_URL = "https://hotline.example/"
    parts = urlsplit(qr.address("261123000000000001", "ABCD2345"))
    assert (parts.path, parts.query) == ("/track/", "")
    assert parts.fragment == "n=261123000000000001&c=ABCD2345"
    assert qr.svg("1", "A").startswith("<svg")


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("１３９００００１１１１", "13900001111"),
        ("+86 139 0000 1111", "13900001111"),
        ("8613900001111", "13900001111"),
        ("0371-6788 0000", "037167880000"),
        ("86123456", "86123456"),
    ],
)
def test_phones_have_one_form(typed: str, phone: str) -> None:
    assert forms.tidy_phone(typed) == phone
