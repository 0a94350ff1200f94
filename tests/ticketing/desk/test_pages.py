"""Who meets which page: owner unit, colleague, stranger, another region, nobody."""

from __future__ import annotations

import pytest
from django.test import Client

from directory.models import Role
from tests.city import City
from ticketing.desk.queues import QUEUES
from ticketing.models import ReadLedger

from .conftest import LogIn

SEES = ("agent", "dispatcher", "checker", "caller", "supervisor", "auditor", "handler", "colleague", "head")
BLIND = ("stranger", "far_dispatcher", "far_handler", "editor", "administrator", "window", "crew", "water")


@pytest.mark.parametrize("name", SEES)
def test_ticket_page_is_there_for_those_who_may_know(city: City, log_in: LogIn, name: str) -> None:
    ticket = city.dispatched()
    response = log_in(name).get(f"/desk/t/{ticket.number}/")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "13800000001" not in response.content.decode()


@pytest.mark.parametrize("name", BLIND)
@pytest.mark.parametrize("tail", ("", "print/"))
def test_ticket_does_not_exist_for_strangers(city: City, log_in: LogIn, name: str, tail: str) -> None:
    ticket = city.dispatched()
    assert log_in(name).get(f"/desk/t/{ticket.number}/{tail}").status_code == 404


@pytest.mark.parametrize("name", BLIND)
@pytest.mark.parametrize("tail", ("reveal/", "presence/", "dispatch-now/", "do/urge/", "do/sign/"))
def test_no_action_on_a_hidden_ticket(city: City, log_in: LogIn, name: str, tail: str) -> None:
    ticket = city.dispatched()
    response = log_in(name).post(f"/desk/t/{ticket.number}/{tail}", {"reason": "试试看"})
    assert response.status_code == 404
    ticket.refresh_from_db()
    assert ticket.version == city.dispatched().version


@pytest.mark.parametrize(
    "address",
    (
        "/desk/",
        "/desk/counts/",
        "/desk/q/all/",
        "/desk/new/",
        "/desk/supervision/",
        "/desk/supervision/answered/",
        "/desk/supervision/notice/1/",
        "/desk/notices/",
        "/desk/inbox/",
        "/desk/t/250101000000000000/",
        "/desk/t/250101000000000000/print/",
    ),
)
def test_nobody_gets_in_without_a_log_in(db: None, address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("address", "allowed"),
    (
        ("/desk/new/", {"agent", "dispatcher", "window"}),
        ("/desk/supervision/", {"dispatcher", "checker", "supervisor"}),
        ("/desk/supervision/answered/", {"dispatcher", "checker", "supervisor"}),
        ("/desk/notices/", {"supervisor", "administrator"}),
        ("/desk/q/to_check/", {"checker", "supervisor"}),
        ("/desk/q/unit_to_sign/", {"handler", "head"}),
    ),
)
def test_pages_of_a_role(city: City, log_in: LogIn, address: str, allowed: set[str]) -> None:
    everybody = {
        "agent",
        "dispatcher",
        "checker",
        "supervisor",
        "window",
        "handler",
        "head",
        "auditor",
        "administrator",
    }
    for name in everybody:
        expected = 200 if name in allowed else 404
        assert log_in(name).get(address).status_code == expected, name


@pytest.mark.parametrize(
    "name", ("agent", "dispatcher", "caller", "supervisor", "window", "handler", "editor", "auditor")
)
def test_start_page_serves_every_role(city: City, log_in: LogIn, name: str) -> None:
    city.dispatched()
    assert log_in(name).get("/desk/").status_code == 200


def test_every_queue_opens_for_its_roles_and_no_other(city: City, log_in: LogIn) -> None:
    city.replied()
    people = {
        Role.AGENT: "agent",
        Role.DISPATCHER: "dispatcher",
        Role.CHECKER: "checker",
        Role.SUPERVISOR: "supervisor",
    }
    people |= {Role.CALLBACK_CLERK: "caller", Role.HANDLER: "handler", Role.WINDOW_CLERK: "window"}
    browsers = {role: log_in(name) for role, name in people.items()}
    for queue in QUEUES:
        for role, browser in browsers.items():
            expected = 200 if role in queue.roles else 404
            assert browser.get(f"/desk/q/{queue.code}/").status_code == expected, (queue.code, role)


def test_window_clerk_sees_only_what_was_taken_there(city: City, log_in: LogIn) -> None:
    own = city.report()
    type(own).objects.filter(pk=own.pk).update(taken_by=city.staff["window"])
    other = city.report()
    browser = log_in("window")
    assert browser.get(f"/desk/t/{own.number}/").status_code == 200
    assert browser.get(f"/desk/t/{other.number}/").status_code == 404
    page = browser.get("/desk/q/taken/").content.decode()
    assert own.number in page
    assert other.number not in page


def test_lists_hold_no_identity(city: City, log_in: LogIn) -> None:
    city.dispatched(body="我的电话是13912345678，路灯不亮请联系我。")
    for name, address in (
        ("dispatcher", "/desk/q/to_sign/"),
        ("handler", "/desk/q/unit_to_sign/"),
        ("dispatcher", "/desk/"),
    ):
        page = log_in(name).get(address).content.decode()
        assert "13800000001" not in page
        assert "13912345678" not in page
        assert "测试甲" not in page


def test_identity_is_masked_and_opened_with_a_reason_only(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    browser = log_in("handler")
    page = browser.get(f"/desk/t/{ticket.number}/").content.decode()
    assert "138****0001" in page
    assert "测**" in page
    refused = browser.post(f"/desk/t/{ticket.number}/reveal/", {"reason": " "})
    assert refused.status_code == 422
    assert "13800000001" not in refused.content.decode()
    assert not ReadLedger.objects.exists()
    opened = browser.post(f"/desk/t/{ticket.number}/reveal/", {"reason": "电话联系核实"})
    assert "13800000001" in opened.content.decode()
    row = ReadLedger.objects.get()
    assert (row.staff, row.ticket, row.reason) == (city.staff["handler"], ticket, "电话联系核实")


def test_auditor_reads_the_ledger_not_the_phone(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    response = log_in("auditor").post(f"/desk/t/{ticket.number}/reveal/", {"reason": "审计抽查"})
    assert response.status_code == 403
    assert "13800000001" not in response.content.decode()
    assert not ReadLedger.objects.exists()


def test_confidential_identity_is_hidden_from_the_unit_and_views_are_recorded(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched(confidential=True)
    page = log_in("handler").get(f"/desk/t/{ticket.number}/").content.decode()
    assert "138****0001" not in page
    assert "保密件" in page
    assert log_in("handler").post(f"/desk/t/{ticket.number}/reveal/", {"reason": "想联系"}).status_code == 403
    log_in("dispatcher").get(f"/desk/t/{ticket.number}/print/")
    rows = list(ReadLedger.objects.order_by("pk").values_list("staff__username", "what"))
    assert ("handler", "保密工单") in rows
    assert ("dispatcher", "保密工单") in rows


def test_print_forms(city: City, log_in: LogIn) -> None:
    from ticketing.lifecycle.actions.supervising import Supervise
    from ticketing.lifecycle.engine import act

    ticket = city.signed()
    act(ticket.pk, Supervise(step="order", reason="多次催办无果", demand="三日内办结"), actor=city.actor("supervisor"))
    row = ticket.supervisions.get(step="order")
    paper = log_in("handler").get(f"/desk/supervision/notice/{row.pk}/").content.decode()
    assert "督办通知" in paper
    assert "三日内办结" in paper
    assert row.number in paper
    sheet = log_in("handler").get(f"/desk/t/{ticket.number}/print/").content.decode()
    assert "市照明中心" in sheet
    assert "13800000001" not in sheet
    assert log_in("stranger").get(f"/desk/supervision/notice/{row.pk}/").status_code == 404
