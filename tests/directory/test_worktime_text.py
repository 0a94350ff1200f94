"""Due times in plain words."""

from __future__ import annotations

import pytest

from directory.worktime.calendar import build
from directory.worktime.clock import Limit, Pause, Unit, run
from directory.worktime.limits import working_days
from directory.worktime.text import due_words, humanize, remaining
from tests.directory.worktime_oracle import at

CALENDAR = build()
END_OF_SEPTEMBER = at("2024-10-01 00:00")


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2024-09-29 09:00", "还剩1个工作日，明日24时前"),  # a made-up Sunday
        ("2024-09-28 09:00", "还剩2个工作日，9月30日24时前"),
        ("2024-09-27 09:00", "还剩2个工作日，9月30日24时前"),
        ("2024-09-30 09:30", "还剩14小时，今日24时前"),
        ("2024-09-30 23:15", "还剩45分钟，今日24时前"),
        ("2024-09-30 23:59", "还剩1分钟，今日24时前"),
        ("2024-10-01 00:00", "已超期1分钟"),
        ("2024-10-01 03:10", "已超期3小时"),
        ("2024-10-04 03:10", "已超期3天"),  # all of them days off
        ("2024-10-09 10:00", "已超期2个工作日"),
    ],
)
def test_a_due_time_at_the_end_of_a_day(now: str, words: str) -> None:
    assert remaining(END_OF_SEPTEMBER, at(now), CALENDAR) == words


def test_a_due_time_within_a_day() -> None:
    assert remaining(at("2024-10-14 17:30"), at("2024-10-14 14:00"), CALENDAR) == "还剩3小时，今日17时30分前"
    assert remaining(at("2024-10-15 17:00"), at("2024-10-14 14:00"), CALENDAR) == "还剩1个工作日，明日17时前"


def test_a_limit_given_today_is_left_whole() -> None:
    given = working_days(at("2024-10-14 09:00"), 5, CALENDAR)
    assert humanize(given, at("2024-10-14 09:00"), CALENDAR) == "还剩5个工作日，10月21日24时前"


def test_only_days_off_left() -> None:
    assert remaining(at("2024-10-06 10:00"), at("2024-10-04 10:00"), CALENDAR) == "还剩48小时，10月6日10时前"


def test_another_year_is_named() -> None:
    assert due_words(at("2027-01-09 00:00"), at("2026-12-20 09:00")) == "2027年1月8日24时"


def test_a_provisional_due_time_says_so() -> None:
    deadline = working_days(at("2026-12-30 09:00"), 3, CALENDAR)
    assert humanize(deadline, at("2026-12-30 10:00"), CALENDAR) == "还剩3个工作日，2027年1月4日24时前（暂定）"


def test_a_paused_clock_has_no_due_time() -> None:
    start = at("2024-10-14 10:00")
    paused = run(start, Limit(5, Unit.WORKING_DAYS), CALENDAR, pauses=[Pause(at("2024-10-15 10:00"))])
    assert humanize(paused, at("2024-10-16 10:00"), CALENDAR) == "计时已暂停"
