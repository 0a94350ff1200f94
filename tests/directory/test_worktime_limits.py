"""Each limit against hand-checked cases and, for every day of 2022–2026, against the day-stepping oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from directory.worktime.calendar import Calendar, DayEntry, Layer, build
from directory.worktime.limits import (
    answered_within,
    extended,
    office_hours,
    sign_limit,
    wall_hours,
    wall_minutes,
    warn_at,
    warn_fraction,
    workday_elapsed,
    working_days,
    working_days_between,
)
from directory.worktime.schedule import DEFAULT_SCHEDULE, Opening, Schedule, weekly
from tests.directory import worktime_oracle as oracle
from tests.directory.worktime_oracle import at, days

CALENDAR = build()
TIMES = ("00:00", "08:37", "23:59")
OFFICE = [(9 * 60, 12 * 60), (13 * 60, 17 * 60)]


@pytest.fixture(params=range(2022, 2027))
def starts(request: pytest.FixtureRequest) -> list[datetime]:
    """Three moments of every day of a year."""
    year: int = request.param
    return [at(f"{day} {clock}") for day in days(date(year, 1, 1), date(year, 12, 31)) for clock in TIMES]


def test_working_days_on_every_day(starts: list[datetime]) -> None:
    for start in starts:
        for n in (1, 3, 5, 10):
            assert working_days(start, n, CALENDAR).due_at == oracle.working_days(start, n), (start, n)


def test_sign_limit_on_every_day(starts: list[datetime]) -> None:
    for start in starts:
        for hours in (2, 24):
            assert sign_limit(start, hours, CALENDAR).due_at == oracle.sign(start, hours), (start, hours)


def test_extension_on_every_day(starts: list[datetime]) -> None:
    for start in starts[::3]:
        due = working_days(start, 5, CALENDAR).due_at
        assert extended(due, 5, CALENDAR).due_at == oracle.extended(due, 5) == oracle.working_days(start, 10)


def test_office_hours_on_every_day(starts: list[datetime]) -> None:
    for start in starts[1::21]:
        for hours in (1, 9):
            expected = oracle.office_minutes(start, hours * 60, OFFICE)
            assert office_hours(start, hours, CALENDAR, DEFAULT_SCHEDULE).due_at == expected, (start, hours)


def test_counting_between_on_every_day(starts: list[datetime]) -> None:
    for start in starts[::3]:
        for length in (0, 1, 9, 40):
            until = start + timedelta(days=length, hours=5)
            assert working_days_between(start, until, CALENDAR) == oracle.working_days_between(start, until)


def test_answered_within_is_by_the_due_time(starts: list[datetime]) -> None:
    for start in starts[1::3]:
        for length in (1, 4, 7, 15):
            answer = start + timedelta(days=length, hours=3)
            for n in (3, 5, 10):
                in_time = answer <= oracle.working_days(start, n)
                assert answered_within(start, answer, n, CALENDAR) is in_time
                if oracle.is_workday(answer.astimezone(oracle.CHINA).date()):
                    assert in_time is (working_days_between(start, answer, CALENDAR) <= n)


def test_an_answer_on_the_weekend_after_the_last_day_is_late() -> None:
    tuesday = at("2024-10-15 10:00")
    assert answered_within(tuesday, at("2024-10-18 23:59"), 3, CALENDAR)
    assert not answered_within(tuesday, at("2024-10-19 09:00"), 3, CALENDAR)
    assert working_days_between(tuesday, at("2024-10-19 09:00"), CALENDAR) == 3


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2024-09-27 15:30", 3, "2024-10-09 00:00"),  # Sat off, Sun 29 made up, Mon 30, National Day, Tue 8
        ("2024-09-30 23:59", 1, "2024-10-09 00:00"),
        ("2024-10-01 10:00", 1, "2024-10-09 00:00"),  # a start on a day off
        ("2025-12-31 09:00", 1, "2026-01-05 00:00"),  # across the year: 1–3 January off, Sunday 4 made up
        ("2018-12-28 09:00", 2, "2019-01-03 00:00"),  # Saturday 29 made up, 30 to 1 off
    ],
)
def test_working_days_by_hand(start: str, n: int, due: str) -> None:
    assert working_days(at(start), n, CALENDAR).due_at == at(due)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2024-10-14 10:00", "2024-10-15 10:00"),
        ("2024-10-18 10:00", "2024-10-21 10:00"),  # Friday → the same time on Monday
        ("2024-09-30 17:45", "2024-10-08 17:45"),  # over National Day
        ("2024-09-28 17:45", "2024-09-30 00:00"),  # Saturday: from Sunday 29 (made up) 00:00
        ("2024-10-05 17:45", "2024-10-09 00:00"),  # holiday: from Tuesday 8, 00:00
        ("2024-05-03 12:00", "2024-05-07 00:00"),  # 1–5 May off: from Monday 6, 00:00
    ],
)
def test_sign_limit_by_hand(start: str, due: str) -> None:
    assert sign_limit(at(start), 24, CALENDAR).due_at == at(due)


def test_sign_limit_above_a_day_stands_still_on_days_off() -> None:
    assert sign_limit(at("2024-10-18 10:00"), 48, CALENDAR).due_at == at("2024-10-22 10:00")
    assert workday_elapsed(at("2024-10-18 10:00"), at("2024-10-22 10:00"), CALENDAR) == timedelta(hours=48)


def test_wall_clock_knows_no_calendar() -> None:
    start = at("2024-09-30 17:45")
    assert wall_hours(start, 2).due_at == at("2024-09-30 19:45")
    assert wall_minutes(start, 30).due_at == at("2024-09-30 18:15")
    assert wall_hours(at("2027-02-01 00:00"), 24).provisional is False
    assert wall_hours(start, 2).calendar_version == ""


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2024-10-14 09:00", 3, "2024-10-14 12:00"),  # ends at the closing, not at the next opening
        ("2024-10-14 10:00", 3, "2024-10-14 14:00"),  # over lunch
        ("2024-10-14 12:30", 1, "2024-10-14 14:00"),  # begun during lunch
        ("2024-10-18 16:30", 1, "2024-10-21 09:30"),  # over the weekend
        ("2024-09-28 10:00", 1, "2024-09-29 10:00"),  # a made-up Sunday keeps Monday's hours
        ("2024-09-30 16:00", 2, "2024-10-08 10:00"),
    ],
)
def test_office_hours_by_hand(start: str, hours: int, due: str) -> None:
    assert office_hours(at(start), hours, CALENDAR, DEFAULT_SCHEDULE).due_at == at(due)


def test_office_hours_change_with_the_season() -> None:
    winter, summer = (date(2023, 10, 1), date(2024, 4, 30)), (date(2024, 5, 1), date(2024, 9, 30))
    schedule = Schedule(
        tuple(Opening(day, time(9), time(12), *winter) for day in range(5))
        + tuple(Opening(day, time(8), time(12), *summer) for day in range(5))
    )
    assert office_hours(at("2024-04-30 11:00"), 2, CALENDAR, schedule).due_at == at("2024-05-06 09:00")


def test_a_weekend_day_with_hours_of_its_own_uses_them_when_worked() -> None:
    schedule = Schedule((*weekly((time(9), time(17))).openings, Opening(6, time(10), time(11))))
    assert schedule.elapsed(at("2024-09-29 00:00"), at("2024-09-30 00:00"), CALENDAR) == timedelta(hours=1)
    assert schedule.elapsed(at("2024-10-13 00:00"), at("2024-10-14 00:00"), CALENDAR) == timedelta()


def test_a_schedule_without_an_opening_is_an_error() -> None:
    with pytest.raises(ValueError, match="never ends"):
        office_hours(at("2024-10-14 09:00"), 1, CALENDAR, Schedule(()))


def test_overlapping_or_reversed_hours_are_refused() -> None:
    with pytest.raises(ValueError, match="周一 overlap"):
        Schedule((Opening(0, time(9), time(12)), Opening(0, time(11), time(13))))
    with pytest.raises(ValueError, match="opening must come before"):
        Opening(0, time(12), time(9))
    with pytest.raises(ValueError, match="weekday 7"):
        Opening(7, time(9), time(12))


def test_extension_keeps_the_time_of_day() -> None:
    assert extended(at("2024-09-30 10:30"), 1, CALENDAR).due_at == at("2024-10-08 10:30")


@pytest.mark.parametrize(
    ("start", "n", "provisional"),
    [
        ("2026-12-18 10:00", 5, False),  # due Friday 25
        ("2026-12-21 10:00", 5, True),  # due Monday 28, which the notice for 2027 may move
        ("2026-12-30 10:00", 1, True),
        ("2027-03-01 10:00", 3, True),
        ("2025-12-29 10:00", 5, False),
    ],
)
def test_provisional_from_the_last_days_of_the_last_year(start: str, n: int, provisional: bool) -> None:
    result = working_days(at(start), n, CALENDAR)
    assert result.provisional is provisional
    assert any(line.startswith("暂定：2026-12-27以后") for line in result.explanation) is provisional


def test_provisional_of_the_other_limits() -> None:
    late = at("2026-12-31 23:00")
    assert sign_limit(late, 24, CALENDAR).provisional
    assert office_hours(late, 2, CALENDAR, DEFAULT_SCHEDULE).provisional
    assert extended(at("2026-12-26 00:00"), 3, CALENDAR).provisional
    assert not sign_limit(at("2026-12-24 10:00"), 24, CALENDAR).provisional


def test_loading_the_next_year_settles_and_moves_a_due_time() -> None:
    holiday = tuple(DayEntry(date(2027, 1, day), False, "元旦") for day in (1, 2, 3))
    loaded = build([Layer(frozenset([2027]), holiday)])
    start = at("2026-12-30 10:00")
    before, after = working_days(start, 2, CALENDAR), working_days(start, 2, loaded)
    assert (before.provisional, before.due_at) == (True, at("2027-01-02 00:00"))
    assert (after.provisional, after.due_at) == (False, at("2027-01-05 00:00"))
    assert before.calendar_version != after.calendar_version


def test_explanation_names_each_step() -> None:
    assert working_days(at("2024-09-27 15:30"), 3, CALENDAR).explanation == (
        "起算：2024-09-27（周五）15:30",
        "时限：3个工作日，次日为第1日，第3日24时到期",
        "不计：2024-09-28 周末 休",
        "计入：2024-09-29 调休上班",
        "不计：2024-10-01至2024-10-07 国庆节 休",
        "到期：2024-10-08（周二）24:00",
    )
    assert (
        "起算日为非工作日，自2024-09-29（周日）00:00起计"
        in sign_limit(at("2024-09-28 09:00"), 24, CALENDAR).explanation
    )


def test_explanation_of_a_long_limit_stays_short() -> None:
    lines = working_days(at("2024-09-27 15:30"), 190, CALENDAR).explanation
    assert len(lines) < 20
    assert sum(line.startswith("不计：其间周末共") for line in lines) == 1


def test_warning_is_the_start_of_the_last_working_day() -> None:
    due = working_days(at("2024-09-27 15:30"), 3, CALENDAR).due_at
    assert warn_at(due, CALENDAR) == at("2024-10-08 00:00")
    assert warn_at(due, CALENDAR, 2) == at("2024-09-30 00:00")
    assert warn_at(due, CALENDAR, 5, start=at("2024-09-29 15:30")) == at("2024-09-29 15:30")
    assert warn_at(at("2024-10-16 10:00"), CALENDAR) == at("2024-10-16 00:00")


def test_warning_by_fraction() -> None:
    start = at("2024-10-14 10:00")
    assert warn_fraction(start, start + timedelta(hours=2), 0.75) == start + timedelta(minutes=90)
    with pytest.raises(ValueError, match="accepted is more than 0"):
        warn_fraction(start, start + timedelta(hours=2), 1.0)


@pytest.mark.parametrize("calendar", [CALENDAR, build(through=2020)])
def test_wrong_input_is_refused(calendar: Calendar) -> None:
    start = at("2024-10-14 10:00")
    for amount in (0, -1):
        with pytest.raises(ValueError, match="accepted is 1 or more"):
            working_days(start, amount, calendar)
        with pytest.raises(ValueError, match="accepted is 1 or more"):
            sign_limit(start, amount, calendar)
        with pytest.raises(ValueError, match="accepted is 1 or more"):
            wall_hours(start, amount)
    with pytest.raises(ValueError, match="no time zone"):
        working_days(datetime(2024, 10, 14, 10), 1, calendar)


def test_results_are_utc_whatever_the_zone_of_the_start() -> None:
    start = at("2024-10-14 00:30")
    local_start = start.astimezone(oracle.CHINA)
    assert working_days(local_start, 1, CALENDAR) == working_days(start, 1, CALENDAR)
    assert all(
        result.due_at.tzinfo is UTC
        for result in (
            working_days(local_start, 1, CALENDAR),
            sign_limit(local_start, 24, CALENDAR),
            wall_hours(local_start, 1),
            extended(local_start, 1, CALENDAR),
            office_hours(local_start, 1, CALENDAR, DEFAULT_SCHEDULE),
        )
    )
