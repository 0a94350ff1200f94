"""Hot topics on the overview: found by the job, fed with what is new, and shown as far as one may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboards import hot
from dashboards.measures.scope import Scope
from dashboards.models import HotTopics
from tests.city import CITY, City
from ticketing.models import Ticket

PLANT = (
    "翠屏新城小区附近搅拌站噪音扰民，粉尘污染严重",
    "翠屏新城旁搅拌站粉尘漫天，噪音整夜不停",
    "要求关停翠屏新城旁边的搅拌站，噪音粉尘受不了",
)


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    hot.forget()
    yield
    hot.forget()


@pytest.fixture
def plant(city: City) -> list[Ticket]:
    made = [city.report(title=title, body=title) for title in PLANT]
    city.report(title="咨询居住证办理需要的材料", body="想问居住证。")
    return made


def test_the_job_finds_them_and_the_page_only_reads(
    plant: list[Ticket], city: City, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert hot.shown(Scope(CITY)).made_at is None
    hot.keep()
    with django_assert_num_queries(1):
        (topic,) = hot.shown(Scope(CITY)).topics
    assert topic.tickets == 3 and "搅拌站" in topic.problem
    client = Client()
    client.force_login(city.staff["supervisor"])
    assert "搅拌站" in client.get("/figures/").content.decode()
    behind = client.get(f"/figures/hot/{topic.key}/").content.decode()
    assert behind.count("data-line") == 3
    assert PLANT[0] not in behind  # a citizen's words are not shown with figures


def test_new_tickets_are_added_to_what_is_known(plant: list[Ticket], city: City) -> None:
    hot.keep()
    city.report(title=PLANT[1], body="又是一夜。")
    hot.keep()
    (topic,) = hot.shown(Scope(CITY)).topics
    assert topic.tickets == 4


def test_what_another_process_stored_is_gone_on_from(
    plant: list[Ticket], city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    hot.keep()
    first = hot._held
    hot.forget()  # another process takes the job, reads everything, stores
    city.report(title=PLANT[0], body="还在响。")
    hot.keep()
    other = hot._held
    monkeypatch.setattr(hot, "_held", first)  # and the first one is asked again
    city.report(title=PLANT[2], body="今天也是。")
    hot.keep()
    assert hot._held is not first and hot._held is not other
    assert hot.shown(Scope(CITY)).topics[0].tickets == 5


def test_without_news_nothing_is_written_until_it_is_stale(plant: list[Ticket], city: City) -> None:
    hot.keep()
    made = HotTopics.objects.get().made_at
    hot.keep()
    assert HotTopics.objects.get().made_at == made
    HotTopics.objects.update(made_at=made - timedelta(hours=1))
    hot.keep()
    assert HotTopics.objects.get().made_at > made


def test_what_is_older_than_the_window_is_no_topic(plant: list[Ticket], city: City) -> None:
    Ticket.objects.update(created_at=timezone.now() - timedelta(days=hot.DAYS + 1))
    hot.keep()
    shown = hot.shown(Scope(CITY))
    assert shown.topics == () and shown.made_at is not None


def test_a_limited_view_counts_its_own_tickets_only(plant: list[Ticket], city: City) -> None:
    hot.keep()
    key = hot.shown(Scope(CITY)).topics[0].key
    own = Scope(CITY).limited(unit=frozenset({str(city.unit["lights"].pk)}))
    head = Client()
    head.force_login(city.staff["head"])
    assert hot.shown(own).topics == ()
    assert head.get(f"/figures/hot/{key}/").status_code == 404
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in plant[:2]]).update(lead=city.unit["lights"])
    (topic,) = hot.shown(own).topics
    assert topic.tickets == 2 and topic.callers is None
    assert head.get(f"/figures/hot/{key}/").content.decode().count("data-line") == 2


def test_a_topic_that_is_no_more_does_not_exist(plant: list[Ticket], city: City) -> None:
    client = Client()
    client.force_login(city.staff["supervisor"])
    assert client.get("/figures/hot/1/").status_code == 404
