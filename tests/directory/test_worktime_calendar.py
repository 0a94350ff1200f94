"""The calendar agrees with the published one day by day, and says what it does not know."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from directory.worktime.calendar import (
    LAST_DAY,
    Calendar,
    DayEntry,
    Layer,
    OutsideCalendar,
    build,
    library_years,
    settled_days,
    settling_year,
)
from tests.directory.worktime_oracle import days, is_workday


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return build()


@pytest.mark.parametrize("year", range(2004, 2027))
def test_agrees_with_the_library_on_every_day(calendar: Calendar, year: int) -> None:
    everyday = list(days(date(year, 1, 1), date(year, 12, 31)))
    assert len(everyday) in (365, 366)
    wrong = [day for day in everyday if calendar.is_working(day) != chinese_calendar.is_workday(day)]
    assert wrong == []


@pytest.mark.parametrize("year", range(2022, 2027))
def test_every_make_up_weekend_day_is_worked(calendar: Calendar, year: int) -> None:
    made_up = [day for day in chinese_calendar.workdays if day.year == year and day.weekday() > 4]
    assert len(made_up) >= 4
    assert all(calendar.is_working(day) and calendar.explain(day) == f"{day} 调休上班" for day in made_up)


@pytest.mark.parametrize("year", range(2022, 2027))
def test_counts_and_steps_agree_with_stepping(calendar: Calendar, year: int) -> None:
    start = date(year, 1, 1)
    count = 0
    for day in days(start + timedelta(days=1), date(year, 12, 31)):
        if is_workday(day):
            count += 1
            assert calendar.nth(start, count) == day
        assert calendar.count(start, day) == count


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2024, 10, 1), "2024-10-01 国庆节 休"),
        (date(2024, 9, 29), "2024-09-29 调休上班"),
        (date(2024, 9, 28), "2024-09-28 周六 休"),
        (date(2024, 10, 14), "2024-10-14 周一 上班"),
        (date(2027, 1, 4), "2027-01-04 周一 上班（放假安排未公布，暂按周末推算）"),
        (date(2027, 1, 3), "2027-01-03 周日 休（放假安排未公布，暂按周末推算）"),
    ],
)
def test_explains_a_day(calendar: Calendar, day: date, text: str) -> None:
    assert calendar.explain(day) == text


def test_last_days_of_december_wait_for_the_next_notice(calendar: Calendar) -> None:
    last = library_years()[1]
    assert calendar.known_through == date(last, 12, 27)
    assert calendar.is_known(date(last, 12, 27))
    assert not calendar.is_known(date(last, 12, 28))
    assert calendar.is_known(date(last - 1, 12, 31))


def test_settling_year_and_settled_days_are_one_rule() -> None:
    for year in (2023, 2024, 2026):
        first, last = settled_days(year)
        assert {settling_year(day) for day in days(first, last)} == {year}
        assert settling_year(first - timedelta(days=1)) == year - 1
        assert settling_year(last + timedelta(days=1)) == year + 1


def test_days_before_the_first_published_year_are_assumed(calendar: Calendar) -> None:
    day = date(2003, 10, 1)
    assert calendar.is_working(day)
    assert not calendar.is_known(day)
    assert calendar.is_provisional(day, date(2004, 5, 10))
    assert not calendar.is_provisional(date(2004, 1, 1), date(2004, 5, 10))


def test_through_hides_later_notices_and_what_they_say_of_december() -> None:
    hidden = build(through=2018)
    assert hidden.known_through == date(2018, 12, 27)
    assert build(through=2019).is_working(date(2018, 12, 29))
    assert not hidden.is_working(date(2018, 12, 29))
    assert hidden.is_working(date(2018, 12, 31))
    assert hidden.is_working(date(2019, 10, 1))
    assert not hidden.is_known(date(2019, 10, 1))


def test_a_local_day_wins_and_is_known() -> None:
    closed = DayEntry(date(2024, 7, 22), False, "防汛停工")
    local = build([Layer(days=(closed,))])
    assert not local.is_working(closed.date)
    assert local.explain(closed.date) == "2024-07-22 防汛停工 休"
    ahead = build([Layer(days=(DayEntry(date(2027, 1, 1), False, "元旦"),))])
    assert ahead.is_known(date(2027, 1, 1))
    assert not ahead.is_known(date(2027, 1, 2))


def test_nearer_layers_win() -> None:
    day = date(2024, 7, 22)
    city, district = Layer(days=(DayEntry(day, False, "停工"),)), Layer(days=(DayEntry(day, True),))
    assert not build([district, city]).is_working(day)
    assert build([city, district]).is_working(day)


def test_a_loaded_year_replaces_the_published_one() -> None:
    replaced = build([Layer(frozenset([2024]), (DayEntry(date(2024, 5, 1), False, "劳动节"),))])
    assert replaced.is_working(date(2024, 10, 1))
    assert not replaced.is_working(date(2024, 5, 1))
    assert not replaced.is_working(date(2025, 10, 1))


def test_a_loaded_next_year_settles_december_before_it() -> None:
    entries = (DayEntry(date(2026, 12, 31), False, "元旦"), DayEntry(date(2027, 1, 1), False, "元旦"))
    loaded = build([Layer(frozenset([2027]), entries)])
    assert loaded.known_through == date(2027, 12, 27)
    assert loaded.explain(date(2026, 12, 31)) == "2026-12-31 元旦 休"
    assert loaded.is_known(date(2026, 12, 28))


def test_a_year_loaded_after_a_gap_leaves_the_gap_unknown() -> None:
    gap = build([Layer(frozenset([2028]))])
    assert gap.known_through == date(2026, 12, 27)
    assert gap.is_known(date(2028, 5, 1))
    assert gap.is_provisional(date(2026, 12, 1), date(2028, 5, 1))


def test_version_is_the_content() -> None:
    same, other = build([Layer(days=(DayEntry(date(2024, 7, 22), False),))]), build()
    assert build([Layer(days=(DayEntry(date(2024, 7, 22), False),))]) == same
    assert hash(build([Layer()])) == hash(other)
    assert same != other
    assert build(through=2025).version != other.version


def test_last_working_and_next_working(calendar: Calendar) -> None:
    assert calendar.last_working(date(2024, 10, 7)) == date(2024, 9, 30)
    assert calendar.last_working(date(2024, 10, 7), 1) == date(2024, 9, 29)
    assert calendar.next_working(date(2024, 10, 1)) == date(2024, 10, 8)
    assert calendar.next_working(date(2024, 9, 29)) == date(2024, 9, 29)


@pytest.mark.parametrize("day", [date(1991, 12, 31), date(2100, 1, 1)])
def test_outside_the_range_is_an_error_that_names_it(calendar: Calendar, day: date) -> None:
    with pytest.raises(OutsideCalendar, match="accepted are 1992-01-01 to 2099-12-31"):
        calendar.is_working(day)


def test_a_limit_that_leads_out_of_the_range_is_an_error(calendar: Calendar) -> None:
    with pytest.raises(OutsideCalendar, match="the limit leads out"):
        calendar.nth(LAST_DAY, 1)
