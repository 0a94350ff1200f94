"""Lists: filters in the URL, pages by key, counts that stop, and as many statements for three tickets as for one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.city import CITY, DISTRICT, DISTRICT_2, City
from ticketing.desk import paging, queues
from ticketing.desk.show import rows
from ticketing.models import Ticket
from ticketing.terms import Status

from .conftest import LogIn


def _statements(browser: Client, address: str) -> int:
    browser.get(address)  # fills the remembered lists
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(address).status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    ("name", "address"),
    (
        ("dispatcher", "/desk/"),
        ("dispatcher", "/desk/q/to_sign/"),
        ("handler", "/desk/q/unit_to_sign/"),
        ("supervisor", "/desk/supervision/unsigned/"),
        ("supervisor", "/desk/notices/"),
        ("handler", "/desk/inbox/"),
    ),
)
def test_statements_do_not_depend_on_the_number_of_tickets(city: City, log_in: LogIn, name: str, address: str) -> None:
    browser = log_in(name)
    city.dispatched()
    one = _statements(browser, address)
    for _ in range(2):
        city.dispatched(region=DISTRICT_2)
    assert _statements(browser, address) == one


def test_statements_of_the_ticket_page_do_not_depend_on_its_history(city: City, log_in: LogIn) -> None:
    from ticketing.lifecycle.actions.handling import AddNote
    from ticketing.lifecycle.engine import act

    ticket = city.signed(assists=("water",))
    browser = log_in("handler")
    act(ticket.pk, AddNote(text="已到现场"), actor=city.actor("handler"))
    one = _statements(browser, f"/desk/t/{ticket.number}/")
    for _ in range(2):
        act(ticket.pk, AddNote(text="继续办理"), actor=city.actor("handler"))
    assert _statements(browser, f"/desk/t/{ticket.number}/") == one


@pytest.mark.parametrize(
    ("query", "found"),
    (
        ("kind=complaint", True),
        ("kind=help", False),
        (f"region={DISTRICT}", True),
        (f"region={DISTRICT_2}", False),
        (f"region={CITY}", True),
        ("unit=LIGHTS", True),
        ("unit=WATER", False),
        ("category=0101", True),
        ("urgency=urgent", False),
        ("channel=web", True),
        ("late=on", False),
        ("due=2020-01-01", False),
        ("due=2199-01-01", True),
        ("status=to_sign", True),
        ("status=new", False),
    ),
)
def test_filters_live_in_the_url(city: City, log_in: LogIn, query: str, found: bool) -> None:
    ticket = city.dispatched()
    page = log_in("dispatcher").get(f"/desk/q/open/?{query}").content.decode()
    assert (ticket.number in page) is found


def test_number_filter_finds_by_prefix_and_in_full(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    browser = log_in("dispatcher")
    for text in (ticket.number, ticket.number[:10]):
        assert f"/desk/t/{ticket.number}/" in browser.get(f"/desk/q/all/?q={text}").content.decode()
    wrong = browser.get("/desk/q/all/?q=路灯")
    assert wrong.status_code == 200
    assert "请输入工单编号" in wrong.content.decode()


def test_a_wrong_filter_is_named_and_left_out(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    page = log_in("dispatcher").get("/desk/q/open/?unit=没有这个单位").content.decode()
    assert "没有这个单位" in page
    assert ticket.number in page


def test_pages_by_key_show_each_ticket_once_in_order(city: City) -> None:
    made = [city.dispatched() for _ in range(5)]
    now = timezone.now()
    Ticket.objects.filter(pk=made[3].pk).update(due_at=now + timedelta(hours=1))
    Ticket.objects.filter(pk__in=[made[0].pk, made[1].pk]).update(due_at=None)
    found, cursor = [], ""
    for _ in range(4):
        page = paging.page(Ticket.objects.all(), "due", cursor, size=2)
        found += [ticket.pk for ticket in page.rows]
        cursor = page.next
        if not cursor:
            break
    assert found == [made[3].pk, made[2].pk, made[4].pk, made[0].pk, made[1].pk]


def test_newest_first_pages(city: City) -> None:
    made = [city.report() for _ in range(3)]
    moment = timezone.now()
    Ticket.objects.update(created_at=moment)  # the same moment: the id decides
    first = paging.page(Ticket.objects.all(), "new", "", size=2)
    second = paging.page(Ticket.objects.all(), "new", first.next, size=2)
    assert [t.pk for t in [*first.rows, *second.rows]] == [t.pk for t in reversed(made)]
    assert second.next == ""


@pytest.mark.parametrize("cursor", ("x", "1_y", "nan_1", "1e99_1", "_", "-_-"))
def test_a_broken_cursor_starts_from_the_front(city: City, log_in: LogIn, cursor: str) -> None:
    ticket = city.dispatched()
    response = log_in("dispatcher").get("/desk/q/open/", {"after": cursor})
    assert response.status_code == 200
    assert ticket.number in response.content.decode()


def test_counts_stop_at_the_cap(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "CAP", 1)
    for _ in range(3):
        city.report()
    counted = {one.queue.code: one for one in queues.counts(city.actor("dispatcher"), timezone.now())}
    assert counted["new"].words == "1+"
    assert counted["to_sign"].words == "0"


def test_due_is_said_in_words_as_well_as_in_colour(city: City) -> None:
    ticket = city.dispatched()
    now = timezone.now()
    ticket.due_at, ticket.late = now - timedelta(hours=3), True
    late = rows.due(ticket, now)
    assert (late.tone, late.words.startswith("已超期")) == ("late", True)
    ticket.due_at, ticket.late = now + timedelta(hours=3), False
    assert rows.due(ticket, now).tone == "soon"
    ticket.due_at = None
    assert rows.due(ticket, now).tone == "paused"
    ticket.status = Status.CLOSED
    assert rows.due(ticket, now).words == ""


def test_live_counts_are_a_fragment(city: City, log_in: LogIn) -> None:
    city.report()
    response = log_in("dispatcher").get("/desk/counts/")
    page = response.content.decode()
    assert "<html" not in page
    assert "待审核 <b>1</b>" in page


def test_supervision_tabs(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    Ticket.objects.filter(pk=ticket.pk).update(
        late=True, due_at=timezone.now() - timedelta(days=1), return_count=2, redo_count=1
    )
    browser = log_in("supervisor")
    for tab in ("late", "returned", "redone", "unsigned"):
        assert ticket.number in browser.get(f"/desk/supervision/{tab}/").content.decode(), tab
    assert ticket.number not in browser.get("/desk/supervision/soon/").content.decode()
    assert browser.get("/desk/supervision/nothing/").status_code == 404


def test_answer_rates_come_from_the_one_definition(city: City, log_in: LogIn) -> None:
    from ticketing import measures_basic

    city.replied()
    city.report()
    page = log_in("supervisor").get("/desk/supervision/answered/").content.decode()
    done, of = measures_basic.answered_within(Ticket.objects.all(), 5)
    assert (done, of) == (1, 1)
    assert "100.0%" in page
    empty = log_in("supervisor").get("/desk/supervision/answered/?from=2020-01-01&to=2020-01-31").content.decode()
    assert "—" in empty


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2025-02-30", "x"])
def test_rates_from_no_day_of_the_calendar(city: City, log_in: LogIn, day: str) -> None:
    for name in ("from", "to"):
        assert log_in("supervisor").get("/desk/supervision/answered/", {name: day}).status_code == 200
