"""Hot topics from the database: period, callers, comparison."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from tests.ticketing.search.city import City, build
from ticketing.hot_topics import hot_topics, items

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=ZONE)
PLANT = [
    "翠屏新城小区附近搅拌站噪音扰民，粉尘污染严重",
    "翠屏新城旁搅拌站粉尘漫天，噪音整夜不停",
    "要求关停翠屏新城旁边的搅拌站，噪音粉尘受不了",
]
OTHER = ["咨询居住证办理需要的材料", "公交车早高峰不准时", "社保断缴三个月怎么补缴"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    city = build()
    for n, title in enumerate([*PLANT, *OTHER]):
        city.ticket(title, phone=f"1383838000{n}", created_at=NOON + timedelta(minutes=n))
    return city


def test_the_topic_of_the_day(city: City) -> None:
    (spot, *_) = hot_topics(DAY, DAY, top=3)
    assert (spot.tickets, spot.callers) == (3, 3)
    assert "搅拌站" in spot.problem
    assert spot.place.startswith("中原区")


def test_days_are_local_and_inclusive(city: City) -> None:
    city.ticket("夜里的一件", created_at=datetime(2026, 3, 10, 23, 59, tzinfo=ZONE))
    city.ticket("第二天的一件", created_at=datetime(2026, 3, 11, 0, 0, tzinfo=ZONE))
    titles = [item.title for item in items(DAY, DAY)]
    assert "中原区，夜里的一件" in titles
    assert "中原区，第二天的一件" not in titles
    assert len(titles) == 7


def test_no_telephone_number_leaves_the_database(city: City) -> None:
    assert not any("1383838" in item.caller for item in items(DAY, DAY))


def test_one_caller_with_three_tickets_is_one_caller(city: City) -> None:
    for n, title in enumerate(PLANT):
        city.ticket(title, phone="13900000000", created_at=NOON - timedelta(days=5, minutes=n))
    (spot,) = hot_topics(DAY - timedelta(days=5), DAY - timedelta(days=5), top=1)
    assert (spot.tickets, spot.callers) == (3, 1)


def test_the_period_before_is_compared(city: City) -> None:
    city.ticket(PLANT[0], phone="13900000000", created_at=NOON - timedelta(days=1))
    (spot, *_) = hot_topics(DAY, DAY, top=1)
    assert (spot.trend.now, spot.trend.before) == (3, 1)


def test_command(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("hotspots", "--from", "2026-03-01", "--to", "2026-03-31", "--top", "1", "--json")
    (spot,) = json.loads(capsys.readouterr().out)
    assert spot["tickets"] == 3
    assert all(number.isdigit() and len(number) == 18 for number in spot["ids"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "either --file"),
        (["--from", "2026-03-01", "--file", "x.csv", "--to", "2026-03-02"], "either --file"),
        (["--from", "1.3.2026", "--to", "2026-03-02"], "--from is '1.3.2026'"),
        (["--from", "2026-03-01"], "--to is None"),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "is before"),
    ],
)
def test_command_refuses(options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("hotspots", *options)


def test_the_district_is_not_said_twice(city: City) -> None:
    for n in range(4):
        city.ticket(f"幸福里小区电梯停运{n + 1}天没人修", created_at=datetime(2026, 5, 2, 9, n, tzinfo=ZONE))
    (spot, *_) = hot_topics(date(2026, 5, 2), date(2026, 5, 2), top=1)
    assert spot.place.count("中原区") == 1
    assert "幸福里" in spot.place
