"""The dispatcher's queue: proposals with how sure and why in each row, taken over or corrected with one click."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.city import City
from ticketing.models import Ticket
from ticketing.terms import Status

from .conftest import LogIn

pytestmark = pytest.mark.django_db
QUEUE = "/desk/q/new/"


def proposed(city: City, n: int, confidence: float = 0.9, **changes: object) -> Ticket:
    ticket = city.report(external_id=f"accept{n}")
    plan = {
        "kind": "complaint",
        "category": city.category["lamp"].pk,
        "department": city.unit["lights"].pk,
        "confidence": confidence,
        "abstained": confidence < 0.5,
        "reasons": ["分类“路灯不亮”：路灯、坏了"],
        "alternatives": [[city.category["lamp"].pk, confidence], [city.category["pole"].pk, 0.05]],
    }
    Ticket.objects.filter(pk=ticket.pk).update(proposal=plan | changes)
    ticket.refresh_from_db()
    return ticket


def accept(browser: Client, ticket: Ticket, *, row: int = 1, version: int | None = None, back: str = QUEUE) -> str:
    sent = {"accept": f"{ticket.number}-{ticket.version if version is None else version}", "back": back}
    return browser.post(f"/desk/accept/?row={row}", sent, follow=True).content.decode()


def test_a_row_says_what_how_sure_and_why(city: City, log_in: LogIn) -> None:
    proposed(city, 1)
    proposed(city, 2, confidence=0.3)
    proposed(city, 3, department=None)
    page = log_in("dispatcher").get(QUEUE).content.decode()
    for words in ("把握大 · 90%", "把握小，请人工判断 · 30%", "路灯、坏了", str(city.unit["lights"]), "更正后派单"):
        assert words in page
    assert page.count("采纳建议并派单") == 2, "what has no unit is not taken over"
    assert page.count("accept primary") == 1, "what is not sure does not invite"
    assert "系统建议" not in log_in("agent").get(QUEUE).content.decode()


def test_accepting_dispatches_and_the_next_row_has_the_focus(city: City, log_in: LogIn) -> None:
    first, second = proposed(city, 1), proposed(city, 2)
    page = accept(log_in("dispatcher"), first)
    first.refresh_from_db()
    assert first.status == Status.TO_SIGN
    assert first.lead == city.unit["lights"]
    assert f"已按系统建议派给{city.unit['lights']}" in page
    row = page.split(f'href="/desk/t/{second.number}/">')[0].rsplit("<a", 1)[1]
    assert "autofocus" in row


def test_a_triaged_ticket_is_dispatched_by_its_proposal(city: City, log_in: LogIn) -> None:
    ticket = city.triaged()
    Ticket.objects.filter(pk=ticket.pk).update(proposal={"department": city.unit["lights"].pk, "reasons": ["职责"]})
    page = log_in("dispatcher").get("/desk/q/to_dispatch/").content.decode()
    assert "采纳建议并派单" in page
    assert "#act-dispatch" in page
    accept(log_in("dispatcher"), ticket, back="/desk/q/to_dispatch/")
    ticket.refresh_from_db()
    assert ticket.status == Status.TO_SIGN


def test_what_changed_meanwhile_is_not_dispatched(city: City, log_in: LogIn) -> None:
    ticket = proposed(city, 1)
    page = accept(log_in("dispatcher"), ticket, version=ticket.version - 1)
    assert "没有派出：这张工单刚刚有变动" in page
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW


def test_who_may_not_dispatch_accepts_nothing(city: City, log_in: LogIn) -> None:
    ticket = proposed(city, 1)
    for name in ("agent", "handler", "far_dispatcher", "auditor"):
        page = accept(log_in(name), ticket, back="/desk/")
        assert "没有派出" in page or "没有工单" in page, name
    assert "没有工单" in accept(log_in("dispatcher"), Ticket(number="0\0", version=1), back="//elsewhere.example/")
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW
