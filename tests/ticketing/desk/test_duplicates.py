"""Tickets that may be the same matter: who sees which, why, how many today, and the one click."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.city import DISTRICT_2, OTHER_CITY, City
from ticketing.desk import duplicates
from ticketing.models import Ticket
from ticketing.privacy.identity import Person
from ticketing.search import engines
from ticketing.search.embedded import EmbeddedEngine
from ticketing.search.tickets import documents

from .conftest import LogIn

LEAK = "翠屏新城3号楼地下车库严重漏水，物业一直不处理，车辆被淹。"
AGAIN = "翠屏新城地下车库又漏水了，物业不处理，车库积水。"
OTHER = "公交车早高峰班次太少，等车时间过长。"


def filed(where: City, body: str, phone: str, **more: object) -> Ticket:
    person = Person(name="测试丙", phone=phone)
    facts = {"body": body, "person": person, "category": where.category["lamp"].pk}
    return where.report(**(facts | {"external_id": f"{phone}-{body[:6]}"} | more))


def alike(city: City, ticket: Ticket, who: str = "dispatcher") -> duplicates.Alike:
    return duplicates.find(city.actor(who), duplicates.of_ticket(ticket), timezone.now())


def test_the_same_matter_is_found_with_its_reasons(city: City) -> None:
    first = filed(city, LEAK, "13800000011")
    filed(city, OTHER, "13800000012")
    second = filed(city, AGAIN, "13800000011")
    (candidate,) = alike(city, second).candidates
    assert candidate.ticket == first
    assert candidate.mergeable
    assert "同一来电人" in candidate.why
    assert any(reason.startswith("共同用词") for reason in candidate.why)


def test_others_today_are_counted(city: City) -> None:
    for n in range(3):
        filed(city, LEAK, f"1380000002{n}")
    last = filed(city, LEAK, "13800000029")
    filed(city, LEAK, "13800000030", region=DISTRICT_2)
    old = filed(city, LEAK, "13800000031")
    Ticket.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=3))
    found = alike(city, last)
    assert found.today == 3
    assert found.burst == 3


def test_the_index_finds_what_came_before_the_last_minutes(city: City, tmp_path: Path) -> None:
    first = filed(city, LEAK, "13800000011")
    Ticket.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=2))
    last = filed(city, AGAIN, "13800000012")
    index = EmbeddedEngine(tmp_path / "index")
    engines.use(tickets=index)
    assert alike(city, last).candidates == ()
    index.upsert(documents([first.pk]))
    try:
        (candidate,) = alike(city, last).candidates
        assert candidate.ticket == first
        assert alike(city, last, "far_dispatcher").candidates == ()
    finally:
        engines.use()
        index.close()


def test_what_ended_long_ago_or_elsewhere_is_left_out(city: City) -> None:
    old = filed(city, LEAK, "13800000011")
    Ticket.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=duplicates.DAYS + 1))
    filed(city, LEAK, "13800000012", region=OTHER_CITY, city=OTHER_CITY)
    assert alike(city, filed(city, LEAK, "13800000013")).candidates == ()


def test_only_what_one_may_know_of(city: City) -> None:
    filed(city, LEAK, "13800000011")
    mine = filed(city, LEAK, "13800000012")
    assert alike(city, mine).candidates
    assert alike(city, mine, "far_dispatcher").candidates == ()


@pytest.mark.parametrize("others", [1, 3])
def test_as_many_queries_for_one_as_for_three(
    city: City, others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(others):
        filed(city, LEAK, f"1380000002{n}")
    matter, actor = duplicates.of_ticket(filed(city, LEAK, "13800000029")), city.actor("dispatcher")
    duplicates.find(actor, matter, timezone.now())
    with django_assert_num_queries(5):
        assert len(duplicates.find(actor, matter, timezone.now()).candidates) == others


def test_one_click_merges(city: City, log_in: LogIn) -> None:
    first, second = filed(city, LEAK, "13800000011"), filed(city, AGAIN, "13800000012")
    browser = log_in("dispatcher")
    assert f"/desk/t/{second.number}/alike/" in browser.get(f"/desk/t/{second.number}/").content.decode()
    part = browser.get(f"/desk/t/{second.number}/alike/", headers={"HX-Request": "true"}).content.decode()
    assert f'name="master" value="{first.number}"' in part
    assert "1380000001" not in part
    sent = {"version": second.version, "master": first.number, "reason": "重复诉求"}
    assert browser.post(f"/desk/t/{second.number}/do/merge/", sent).status_code == 302
    second.refresh_from_db()
    assert (second.status, second.master) == ("merged", first)
    part = browser.get(f"/desk/t/{first.number}/alike/").content.decode()
    assert 'name="master"' not in part


def test_no_merging_for_who_may_not(city: City, log_in: LogIn) -> None:
    first, second = filed(city, LEAK, "13800000011"), filed(city, AGAIN, "13800000012")
    part = log_in("checker").get(f"/desk/t/{second.number}/alike/").content.decode()
    assert first.number in part
    assert 'name="master"' not in part


def test_units_do_not_look_for_duplicates(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    browser = log_in("handler")
    assert "alike" not in browser.get(f"/desk/t/{ticket.number}/").content.decode()
    assert browser.get(f"/desk/t/{ticket.number}/alike/").status_code == 404


def test_candidates_while_typing(city: City, log_in: LogIn) -> None:
    first = filed(city, LEAK, "13800000011")
    typed = {"channel": "phone", "body": AGAIN, "phone": "138 0000 0011", "region": "410102 中原区"}
    page = log_in("agent").post("/desk/suggest/", typed | {"category": "010101 路灯不亮"}).content.decode()
    assert first.number in page
    assert "同一来电人" in page
    assert "并入此单" not in page
