"""The page of hot topics: what it counts, for whom, over which days, and what it refuses."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.city import OTHER_CITY, City
from ticketing.desk import hotspots
from ticketing.desk.access import sight
from ticketing.models import Ticket
from ticketing.privacy.identity import Person

from .conftest import LogIn

PLANT = (
    "翠屏新城小区附近搅拌站噪音扰民，粉尘污染严重，请求查处。",
    "翠屏新城旁边的搅拌站粉尘漫天，噪音整夜不停，无法休息。",
    "要求关停翠屏新城旁边的搅拌站，噪音和粉尘受不了。",
)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def plant(city: City, *, at: datetime | None = None, one_caller: bool = False) -> list[Ticket]:
    tickets = []
    for n, body in enumerate(PLANT):
        person = Person(name="测试甲", phone=f"1380000010{0 if one_caller else n}")
        tickets.append(city.report(body=body, person=person, external_id=f"plant-{at}-{n}"))
    if at is not None:
        Ticket.objects.filter(pk__in=[one.pk for one in tickets]).update(created_at=at)
    return tickets


def test_a_topic_with_its_numbers_and_tickets(city: City, log_in: LogIn) -> None:
    tickets = plant(city)
    page = log_in("supervisor").get("/desk/hotspots/").content.decode()
    assert "搅拌站" in page
    assert "10×3 + 3×0" in page
    assert "新出现：上一周期没有，本周期 3 人反映" in page
    for ticket in tickets:
        assert f"/desk/t/{ticket.number}/" in page
    assert "1380000010" not in page


def test_one_caller_is_no_alarm(city: City) -> None:
    plant(city, one_caller=True)
    now = timezone.now()
    found = hotspots.topics(city.actor("supervisor"), hotspots.window({}, timezone.localdate(now)), 5, now)
    (spot,) = found.topics
    assert (spot.tickets, spot.callers) == (3, 1)
    assert hotspots.alarms(spot) == ()


def test_the_period_before_is_the_trend(city: City) -> None:
    plant(city)
    plant(city, at=timezone.now() - timedelta(days=7))
    now = timezone.now()
    chosen = hotspots.window({"window": "7"}, timezone.localdate(now))
    (spot,) = hotspots.topics(city.actor("supervisor"), chosen, 5, now).topics
    assert (spot.trend.now, spot.trend.before, spot.trend.direction) == (3, 3, "steady")


def test_another_city_sees_its_own_only(city: City, log_in: LogIn) -> None:
    plant(city)
    assert "搅拌站" not in log_in("far_dispatcher").get("/desk/hotspots/?window=7").content.decode()
    for n, body in enumerate(PLANT):
        person = Person(name="测试乙", phone=f"1390000010{n}")
        city.report(body=body, person=person, region=OTHER_CITY, city=OTHER_CITY, external_id=f"far-{n}")
    cache.clear()
    page = log_in("far_dispatcher").get("/desk/hotspots/?window=7").content.decode()
    assert "搅拌站" in page


def test_the_answer_is_remembered_for_a_minute(city: City) -> None:
    now, actor = timezone.now(), city.actor("supervisor")
    chosen = hotspots.window({}, timezone.localdate(now))
    assert hotspots.topics(actor, chosen, 5, now).tickets == 0
    plant(city)
    later = timezone.now()
    assert hotspots.topics(actor, chosen, 5, now + timedelta(seconds=59)).tickets == 0
    assert hotspots.topics(actor, chosen, 5, later + timedelta(seconds=61)).tickets == 3


def test_the_last_answer_is_shown_while_another_computes(city: City) -> None:
    now, actor = timezone.now(), city.actor("supervisor")
    chosen = hotspots.window({}, timezone.localdate(now))
    first = hotspots.topics(actor, chosen, 5, now)
    keys = [f"desk.hotspots.{sight(actor)}.{chosen.first}.{chosen.last}.5.busy"]
    cache.set(keys[0], 1, 60)
    assert hotspots.topics(actor, chosen, 5, now + timedelta(minutes=5)) == first


def test_only_the_newest_are_grouped(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = plant(city)
    monkeypatch.setattr(hotspots, "MOST", 2)
    now = timezone.now()
    found = hotspots.topics(city.actor("supervisor"), hotspots.window({}, timezone.localdate(now)), 5, now)
    assert (found.tickets, found.cut) == (2, True)
    assert found.begin == Ticket.objects.get(pk=tickets[1].pk).created_at


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, date(2026, 3, 10), date(2026, 3, 10)),
        ({"window": "3"}, date(2026, 3, 8), date(2026, 3, 10)),
        ({"window": "7"}, date(2026, 3, 4), date(2026, 3, 10)),
        ({"from": "2026-01-01", "to": "2026-01-31"}, date(2026, 1, 1), date(2026, 1, 31)),
    ],
)
def test_windows(query: dict[str, str], first: date, last: date) -> None:
    chosen = hotspots.window(query, date(2026, 3, 10))
    assert (chosen.first, chosen.last) == (first, last)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("window=5", "window 只接受"),
        ("from=2026-03-02&to=2026-03-01", "截止日期早于起始日期"),
        ("from=2026-01-01&to=2026-12-31", "一次最多查看"),
        ("from=gestern&to=2026-03-01", "from 需要日期"),
        ("from=2026-02-30&to=2026-03-01", "from 需要日期"),
        ("from=2026-03-01", "to 需要日期"),
    ],
)
def test_a_wrong_window_is_named(city: City, log_in: LogIn, query: str, words: str) -> None:
    response = log_in("auditor").get(f"/desk/hotspots/?{query}")
    assert response.status_code == 422
    assert words in response.content.decode()
