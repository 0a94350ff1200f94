"""Planted secrets: what a role may not see is not found, counted, suggested or compared, by any door."""

from __future__ import annotations

import pytest
from django.test import Client

from directory.models import HOTLINE_ROLES, Role, RoleBinding, Staff
from ticketing.lifecycle.actors import SYSTEM, Actor, api_actor, citizen_actor
from ticketing.models import Assignment, Ticket
from ticketing.search import engines, service, sync
from ticketing.search.documents import FIELDS, BadQuery, Query
from ticketing.search.engine import SearchEngine
from ticketing.search.feed import TICKETS
from ticketing.terms import AssignmentStatus, Part
from ticketing.visibility import visible

from .city import City
from .test_odd import Away

PHONE = "13912345678"


@pytest.fixture
def planted(city: City, tickets: SearchEngine) -> City:
    """Tickets in every position: of both districts, of each unit, returned, and one that a clerk took in."""
    here, there = "410102", "410103"
    city.ticket("中原区路灯投诉", lead="lights", region=here, kind="complaint")
    city.ticket("二七区路灯密语甲", region=there, kind="report", phone=PHONE, place="航海路")
    city.ticket("中原区路灯密语乙", region=here, lead="street", kind="opinion", place="文化路")
    returned = city.ticket("二七区路灯密语丙", region=there, kind="suggestion")
    city.share(returned, "lights", status=AssignmentStatus.RETURNED)
    assisted = city.ticket("二七区路灯密语丁", region=there, lead="street", kind="praise")
    city.share(assisted, "lights", Part.ASSIST)
    clerk = city.people[Role.WINDOW_CLERK].staff_id
    city.ticket("二七区路灯密语戊", region=there, kind="consult", taken_by_id=clerk)
    sync.rebuild(tickets, TICKETS)
    return city


def everyone(city: City) -> dict[str, Actor]:
    return {
        **city.people,
        "system": SYSTEM,
        "api": api_actor("x", "410100", frozenset()),
        "foreign api": api_actor("y", "410200", frozenset()),
        "citizen": citizen_actor(1),
    }


def test_every_actor_finds_exactly_what_may_be_seen(planted: City) -> None:
    for name, actor in everyone(planted).items():
        allowed = set(visible(actor).values_list("number", flat=True)) if name != "citizen" else set()
        answer = service.find(actor, Query(text="路灯", facets=FIELDS, limit=100))
        assert {hit.number for hit in answer.results.hits} == allowed, name
        assert answer.results.total == len(allowed), name
        assert sum(count.count for count in answer.results.facets.get("kind", ())) == len(allowed), name


def test_secrets_are_not_suggested_nor_compared_nor_counted(planted: City) -> None:
    secrets = {ticket.pk: ticket for ticket in Ticket.objects.filter(title__contains="密语")}
    for name, actor in everyone(planted).items():
        if name == "citizen":
            continue
        allowed = set(visible(actor).values_list("pk", flat=True))
        for key, ticket in secrets.items():
            if key in allowed:
                continue
            mark = ticket.title[-3:]
            assert service.find(actor, Query(text=f'"{mark}"')).results.total == 0, (name, ticket.title)
            assert service.find(actor, Query(text=ticket.number)).results.total == 0, (name, ticket.title)
            assert ticket.number not in service.suggest(actor, ticket.number[:17]), name
            assert service.alike(actor, key) == (), name
            counts = service.find(actor, Query(facets=("kind",))).results.facets.get("kind", ())
            mine = set(visible(actor).values_list("kind", flat=True))
            assert {count.value for count in counts} == mine, name
        for one in (found for key in allowed for found in service.alike(actor, key)):
            assert one.ticket.pk in allowed, name


def test_places_of_hidden_tickets_are_not_suggested(planted: City) -> None:
    assert "航海路" in service.suggest(planted.people[Role.SUPERVISOR], "航")
    assert service.suggest(planted.people[Role.AGENT], "航") == ()
    assert service.suggest(planted.people[Role.AGENT], "hangh") == ()
    assert service.suggest(planted.people["nobody"], "路") == ()


def test_only_those_who_talk_with_callers_look_up_a_phone(planted: City) -> None:
    assert service.find(planted.people[Role.SUPERVISOR], Query(), phone=PHONE).results.total == 1
    assert service.find(planted.people[Role.AGENT], Query(), phone=PHONE).results.total == 0  # another district
    for role in set(Role.values) - {*HOTLINE_ROLES, Role.WINDOW_CLERK}:
        with pytest.raises(BadQuery):
            service.find(planted.people[role], Query(), phone=PHONE)


def test_no_identity_and_no_number_written_into_the_text_is_in_the_index(city: City, tickets: SearchEngine) -> None:
    written = "我的电话是13712345678，身份证41010519900307123X，座机0371-65251234"
    city.ticket("路灯", written, phone="13712345678", confidential=True)
    sync.rebuild(tickets, TICKETS)
    supervisor = city.people[Role.SUPERVISOR]
    for secret in ("13712345678", "41010519900307123X", "65251234"):
        assert service.find(supervisor, Query(text=f'"{secret}"')).results.total == 0
    (found,) = service.find(supervisor, Query(text="路灯")).found
    assert "1371234" not in found.hit.highlight


def test_numbers_of_persons_are_not_found_nor_shown_while_the_engine_is_away(city: City) -> None:
    engines.use(tickets=Away())  # type: ignore[arg-type]
    city.ticket("路灯", "我的电话是13712345678，身份证41010519900307123X，座机0371-65251234")
    supervisor = city.people[Role.SUPERVISOR]
    for typed in ('"13712345678"', "1371234567", '"65251234"', "41010519900307123X", "路灯 13712345678"):
        assert service.find(supervisor, Query(text=typed)).found == (), typed
    (found,) = service.find(supervisor, Query(text="路灯")).found
    assert "".join(piece.text for piece in found.hit.passage) == "我的电话是***，身份证***，座机***"
    engines.use()


def test_a_right_withdrawn_a_moment_ago_holds_before_the_index_knows(planted: City) -> None:
    handler = planted.people[Role.HANDLER]
    assert service.find(handler, Query(text="中原区路灯投诉")).results.hits
    Assignment.objects.filter(department=planted.unit["lights"]).update(status=AssignmentStatus.RETURNED)
    assert service.find(handler, Query(text="中原区路灯投诉")).found == ()


def test_a_role_that_ended_finds_nothing(planted: City) -> None:
    agent = Staff.objects.get(username="t-agent")
    RoleBinding.objects.filter(staff=agent).delete()
    from ticketing.lifecycle.actors import staff_actor

    assert service.find(staff_actor(agent), Query()).results.total == 0


@pytest.mark.parametrize("role", ["agent", "handler", "knowledge_editor", "administrator", "auditor"])
def test_the_page_shows_no_secret(planted: City, client: Client, role: str) -> None:
    client.force_login(Staff.objects.get(username=f"t-{role}"))
    shown = client.post("/desk/search/", {"text": "路灯 密语"}).content.decode()
    allowed = "".join(visible(planted.people[role]).values_list("title", flat=True))
    for mark in "甲乙丙丁戊":
        assert (f"密语{mark}" in _plain(shown)) == (f"密语{mark}" in allowed), (role, mark)


def _plain(page: str) -> str:
    return page.replace("<mark>", "").replace("</mark>", "")


def test_the_page_asks_for_a_log_in(client: Client, db: None) -> None:
    for address in ("/desk/search/", "/desk/search/alike/260101120000000001/"):
        assert client.get(address).status_code == 302
    assert client.post("/desk/search/suggest/", {"text": "路"}).status_code == 302


def test_the_page_refuses_a_phone_without_the_right_and_never_puts_it_into_an_address(
    planted: City, client: Client
) -> None:
    client.force_login(Staff.objects.get(username="t-handler"))
    refused = client.post("/desk/search/", {"text": PHONE})
    assert refused.status_code == 422
    assert "权限" in refused.content.decode()
    client.force_login(Staff.objects.get(username="t-supervisor"))
    found = client.post("/desk/search/", {"text": PHONE})
    assert found.status_code == 200
    assert "密语甲" in _plain(found.content.decode())
    assert f"?text={PHONE}" not in found.content.decode()


def test_alike_of_a_hidden_ticket_looks_like_one_that_does_not_exist(planted: City, client: Client) -> None:
    client.force_login(Staff.objects.get(username="t-agent"))
    hidden = Ticket.objects.get(title="二七区路灯密语甲").number
    answers = [client.get(f"/desk/search/alike/{number}/") for number in (hidden, "999999999999999999")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
