"""Selected rows: one action, an answer for each ticket."""

from __future__ import annotations

from tests.city import City
from ticketing.desk import bulk
from ticketing.models import Ticket
from ticketing.terms import Status

from .conftest import LogIn


def test_bulk_dispatch_says_what_became_of_each(city: City, log_in: LogIn) -> None:
    ready, accused, fresh = city.triaged(), city.triaged(complained_unit=city.unit["lights"].pk), city.report()
    numbers = [ready.number, accused.number, fresh.number]
    sent = {"number": numbers, "action": "dispatch", "lead": "LIGHTS", "back": "/desk/q/to_dispatch/?kind=complaint"}
    response = log_in("dispatcher").post("/desk/many/", sent)
    text = response.content.decode()
    assert response.status_code == 200
    assert "完成 1 张，未完成 2 张" in text
    assert "不能派给该单位" in text
    assert "尚未审核" in text
    assert 'href="/desk/q/to_dispatch/?kind=complaint"' in text
    assert Ticket.objects.get(pk=ready.pk).status == Status.TO_SIGN
    assert Ticket.objects.get(pk=accused.pk).status == Status.TO_DISPATCH
    assert Ticket.objects.get(pk=fresh.pk).status == Status.NEW


def test_bulk_by_proposals(city: City, log_in: LogIn) -> None:
    known = city.report(kind="complaint", category=city.category["lamp"].pk)
    unknown = city.report(body="没有什么可以分类的内容，只是说说。", category=None)
    Ticket.objects.filter(pk=unknown.pk).update(proposal={})
    sent = {"number": [known.number, unknown.number], "action": "proposals"}
    text = log_in("dispatcher").post("/desk/many/", sent).content.decode()
    assert "完成 1 张，未完成 1 张" in text
    assert "没有建议承办单位" in text
    known.refresh_from_db()
    assert (known.status, known.lead) == (Status.TO_SIGN, city.unit["lights"])


def test_hidden_tickets_are_not_touched(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    text = log_in("stranger").post("/desk/many/", {"number": [ticket.number], "action": "sign"}).content.decode()
    assert ticket.number not in text
    assert Ticket.objects.get(pk=ticket.pk).status == Status.TO_SIGN


def test_a_right_is_checked_for_each_ticket(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    text = log_in("agent").post("/desk/many/", {"number": [ticket.number], "action": "sign"}).content.decode()
    assert "未完成 1 张" in text
    assert Ticket.objects.get(pk=ticket.pk).status == Status.TO_SIGN


def test_chase_in_one_click(city: City, log_in: LogIn) -> None:
    tickets = [city.dispatched(), city.dispatched()]
    numbers = [ticket.number for ticket in tickets]
    browser = log_in("supervisor")
    assert "完成 2 张" in browser.post("/desk/many/", {"number": numbers, "action": "urge"}).content.decode()
    sent = {"number": numbers, "action": "supervise", "step": "order", "reason": "久拖不决"}
    assert "完成 2 张" in browser.post("/desk/many/", sent).content.decode()
    assert Ticket.objects.filter(urge_count=1, ladder="order").count() == 2


def test_wrong_requests_name_what_is_wrong(city: City, log_in: LogIn) -> None:
    browser = log_in("dispatcher")
    ticket = city.triaged()
    none = browser.post("/desk/many/", {"action": "dispatch"})
    assert none.status_code == 422
    assert "请先勾选工单" in none.content.decode()
    unit = browser.post("/desk/many/", {"action": "dispatch", "number": [ticket.number], "lead": "无此单位"})
    assert unit.status_code == 422
    assert "没有这个单位：无此单位" in unit.content.decode()
    assert browser.post("/desk/many/", {"action": "explode", "number": [ticket.number]}).status_code == 422
    many = browser.post("/desk/many/", {"action": "urge", "number": [str(n) for n in range(bulk.MOST + 1)]})
    assert f"最多选择 {bulk.MOST}" in many.content.decode()


def test_back_leads_nowhere_else(city: City, log_in: LogIn) -> None:
    response = log_in("dispatcher").post("/desk/many/", {"action": "urge", "back": "https://evil.example/"})
    assert "evil.example" not in response.content.decode()
