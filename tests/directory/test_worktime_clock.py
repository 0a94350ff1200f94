"""Clocks with pauses and extensions, and what holds for every one of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.worktime.calendar import build
from directory.worktime.clock import Extension, Limit, Pause, Paused, Unit, duration_text, run
from directory.worktime.limits import Deadline, extended, sign_limit, wall_hours, working_days, working_days_between
from tests.directory import worktime_oracle as oracle
from tests.directory.worktime_oracle import at, days

CALENDAR = build()
FIVE_DAYS = Limit(5, Unit.WORKING_DAYS)
START = at("2024-10-14 10:00")  # a Monday; five working days end on Monday 21, 24:00
DUE = at("2024-10-22 00:00")

moments = st.datetimes(datetime(2022, 1, 1), datetime(2026, 11, 1)).map(
    lambda value: value.replace(tzinfo=oracle.CHINA)
)
lengths = st.timedeltas(timedelta(), timedelta(days=20))
limits = st.one_of(
    st.builds(Limit, st.integers(1, 30), st.just(Unit.WORKING_DAYS)),
    st.builds(Limit, st.integers(1, 72), st.sampled_from([Unit.SIGN_HOURS, Unit.WALL_HOURS, Unit.OFFICE_HOURS])),
    st.builds(Limit, st.integers(1, 300), st.just(Unit.WALL_MINUTES)),
)


def due_of(result: Deadline | Paused) -> datetime:
    assert isinstance(result, Deadline)
    return result.due_at


def test_without_events_it_is_the_plain_limit() -> None:
    assert run(START, FIVE_DAYS, CALENDAR) == working_days(START, 5, CALENDAR)
    assert run(START, Limit(24, Unit.SIGN_HOURS), CALENDAR) == sign_limit(START, 24, CALENDAR)
    assert run(START, Limit(2, Unit.WALL_HOURS), CALENDAR) == wall_hours(START, 2)


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [
        ("2024-10-15 09:00", "2024-10-15 17:00", "2024-10-22 00:00"),  # within one day: nothing
        ("2024-10-15 09:00", "2024-10-16 09:00", "2024-10-23 00:00"),  # Wednesday is credited
        ("2024-10-18 09:00", "2024-10-20 09:00", "2024-10-22 00:00"),  # Friday to Sunday: no working day
        ("2024-10-18 09:00", "2024-10-21 09:00", "2024-10-23 00:00"),  # Monday is credited
        ("2024-10-21 23:00", "2024-10-23 01:00", "2024-10-24 00:00"),  # begun in the last hour
        ("2024-10-13 09:00", "2024-10-15 09:00", "2024-10-23 00:00"),  # the part before the start does not count
        ("2024-10-22 00:00", "2024-10-25 09:00", "2024-10-22 00:00"),  # begun when it was due
    ],
)
def test_working_day_pause(since: str, until: str, due: str) -> None:
    assert due_of(run(START, FIVE_DAYS, CALENDAR, pauses=[Pause(at(since), at(until))])) == at(due)


@pytest.mark.parametrize(
    ("limit", "since", "until", "due"),
    [
        (Limit(24, Unit.WALL_HOURS), "2024-10-14 12:00", "2024-10-14 13:30", "2024-10-15 11:30"),
        (Limit(30, Unit.WALL_MINUTES), "2024-10-14 10:10", "2024-10-14 10:15", "2024-10-14 10:35"),
        (Limit(24, Unit.SIGN_HOURS), "2024-10-14 12:00", "2024-10-14 13:30", "2024-10-15 11:30"),
        (Limit(4, Unit.OFFICE_HOURS), "2024-10-14 11:00", "2024-10-14 14:00", "2024-10-14 17:00"),
    ],
)
def test_exact_pause(limit: Limit, since: str, until: str, due: str) -> None:
    assert due_of(run(START, limit, CALENDAR, pauses=[Pause(at(since), at(until))])) == at(due)


def test_sign_pause_over_a_weekend_credits_only_working_days() -> None:
    friday = at("2024-10-18 10:00")
    pause = Pause(at("2024-10-18 20:00"), at("2024-10-21 02:00"))  # 4 h of Friday, 2 h of Monday
    assert due_of(run(friday, Limit(24, Unit.SIGN_HOURS), CALENDAR, pauses=[pause])) == at("2024-10-21 16:00")


@pytest.mark.parametrize("year", range(2022, 2027))
def test_pauses_begun_on_every_day(year: int) -> None:
    for number, day in enumerate(days(date(year, 1, 1), date(year, 12, 31))):
        start = at(f"{day} 10:00")
        since = start + timedelta(hours=number % 5)
        until = since + timedelta(hours=number * 7 % 190)
        credit = oracle.working_days_between(since, until)
        by_days = run(start, FIVE_DAYS, CALENDAR, pauses=[Pause(since, until)], extensions=[Extension(since, 3)])
        assert due_of(by_days) == oracle.working_days(start, 8 + credit), (since, until)
        signed = run(start, Limit(24, Unit.SIGN_HOURS), CALENDAR, pauses=[Pause(since, until)])
        assert due_of(signed) == oracle.sign_paused(start, 24, (since, until)), (since, until)


@pytest.mark.parametrize("year", range(2022, 2027))
def test_office_pauses_through_the_year(year: int) -> None:
    for number, day in enumerate([*days(date(year, 1, 1), date(year, 12, 31))][::9]):
        start = at(f"{day} 10:00")
        since = start + timedelta(minutes=number * 13 % 300)
        until = since + timedelta(minutes=number * 197 % 4000)
        expected = oracle.office_minutes(start, 9 * 60, [(540, 720), (780, 1020)], (since, until))
        result = run(start, Limit(9, Unit.OFFICE_HOURS), CALENDAR, pauses=[Pause(since, until)])
        assert due_of(result) == expected, (since, until)


def test_open_pause_has_no_due_time_until_resumed() -> None:
    result = run(START, FIVE_DAYS, CALENDAR, pauses=[Pause(at("2024-10-16 09:00"), reason="等待补充材料")])
    assert isinstance(result, Paused)
    assert result.due_at is None
    assert result.explanation[-1] == "暂停：自2024-10-16（周三）09:00起停止计时（等待补充材料），恢复后重新计算到期时间"
    assert not any(line.startswith("到期") for line in result.explanation)


def test_open_pause_after_the_due_time_stops_nothing() -> None:
    result = run(START, FIVE_DAYS, CALENDAR, pauses=[Pause(DUE + timedelta(hours=1))])
    assert due_of(result) == DUE
    assert any("已到期，不计" in line for line in result.explanation)


def test_overlapping_pauses_count_once() -> None:
    one = Pause(at("2024-10-15 09:00"), at("2024-10-17 09:00"), "等待材料")
    two = Pause(at("2024-10-16 09:00"), at("2024-10-18 09:00"), "鉴定")
    result = run(START, FIVE_DAYS, CALENDAR, pauses=[two, one])
    assert due_of(result) == due_of(run(START, FIVE_DAYS, CALENDAR, pauses=[Pause(one.since, two.until)]))
    assert any("（等待材料、鉴定），补回3个工作日" in line for line in result.explanation)


def test_extension_counts_from_the_old_due_time_even_decided_late() -> None:
    result = run(START, FIVE_DAYS, CALENDAR, extensions=[Extension(at("2024-10-21 16:00"), 5)])
    assert due_of(result) == extended(DUE, 5, CALENDAR).due_at == at("2024-10-29 00:00")
    assert "延期：自原期限2024-10-21（周一）24:00起延长5个工作日" in result.explanation


def test_a_pause_inside_the_extension_counts() -> None:
    extension = Extension(at("2024-10-21 16:00"), 5)
    pause = Pause(at("2024-10-23 09:00"), at("2024-10-24 09:00"))
    assert due_of(run(START, FIVE_DAYS, CALENDAR, pauses=[pause], extensions=[extension])) == at("2024-10-30 00:00")
    assert due_of(run(START, FIVE_DAYS, CALENDAR, pauses=[pause])) == DUE


def test_extension_of_an_exact_clock_keeps_the_time_of_day() -> None:
    friday = at("2024-10-18 10:00")
    result = run(friday, Limit(24, Unit.WALL_HOURS), CALENDAR, extensions=[Extension(friday, 1)])
    assert due_of(result) == at("2024-10-21 10:00")
    assert result.calendar_version == CALENDAR.version


def test_explanation_tells_the_whole_story_once() -> None:
    result = run(
        START,
        FIVE_DAYS,
        CALENDAR,
        pauses=[Pause(at("2024-10-15 09:00"), at("2024-10-16 09:00"), "等待补充材料")],
        extensions=[Extension(at("2024-10-22 09:00"), 2)],
    )
    assert result.explanation == (
        "起算：2024-10-14（周一）10:00",
        "时限：5个工作日，次日为第1日，第5日24时到期",
        "暂停：2024-10-15（周二）09:00至2024-10-16（周三）09:00（等待补充材料），补回1个工作日",
        "延期：自原期限2024-10-22（周二）24:00起延长2个工作日",
        "不计：2024-10-19至2024-10-20 周末 休",
        "到期：2024-10-24（周四）24:00",
    )


def test_events_can_make_a_clock_provisional() -> None:
    start = at("2026-12-17 10:00")
    assert not run(start, FIVE_DAYS, CALENDAR).provisional
    result = run(start, FIVE_DAYS, CALENDAR, extensions=[Extension(start, 5)])
    assert result.provisional
    assert result.explanation[-1].startswith("暂定：")


def test_a_pause_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Pause(DUE, START)


def test_durations_in_words() -> None:
    assert duration_text(timedelta(days=1, hours=2, minutes=5, seconds=9)) == "1天2小时5分钟"
    assert duration_text(timedelta(seconds=9)) == "9秒"


@settings(deadline=None, max_examples=150)
@given(moments, lengths, limits)
def test_a_later_start_is_never_due_earlier(start: datetime, later: timedelta, limit: Limit) -> None:
    assert due_of(run(start, limit, CALENDAR)) <= due_of(run(start + later, limit, CALENDAR))


@settings(deadline=None, max_examples=150)
@given(moments, limits)
def test_a_limit_is_never_due_in_the_past_and_a_longer_one_never_earlier(start: datetime, limit: Limit) -> None:
    due = due_of(run(start, limit, CALENDAR))
    assert due > start
    assert due_of(run(start, Limit(limit.amount + 1, limit.unit), CALENDAR)) >= due


@settings(deadline=None, max_examples=150)
@given(moments, limits, st.lists(st.tuples(lengths, lengths), max_size=4), st.integers(1, 10))
def test_pauses_and_extensions_only_give_time(
    start: datetime, limit: Limit, stretches: list[tuple[timedelta, timedelta]], more: int
) -> None:
    pauses = [Pause(start + after, start + after + length) for after, length in stretches]
    plain, paused = due_of(run(start, limit, CALENDAR)), due_of(run(start, limit, CALENDAR, pauses=pauses))
    assert paused >= plain
    assert due_of(run(start, limit, CALENDAR, pauses=pauses[::-1])) == paused
    assert due_of(run(start, limit, CALENDAR, pauses=pauses, extensions=[Extension(start, more)])) > paused


@settings(deadline=None, max_examples=150)
@given(moments, st.integers(1, 15), st.floats(0, 0.99), lengths)
def test_a_working_day_pause_is_counted_like_the_limit(start: datetime, n: int, part: float, length: timedelta) -> None:
    plain = oracle.working_days(start, n)
    since = start + (plain - start) * part
    until = since + length
    credit = oracle.working_days_between(since, until)
    result = run(start, Limit(n, Unit.WORKING_DAYS), CALENDAR, pauses=[Pause(since, until)])
    assert due_of(result) == oracle.working_days(start, n + credit)
    assert working_days_between(since, until, CALENDAR) == credit


@settings(deadline=None, max_examples=150)
@given(moments, moments, moments)
def test_counting_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    parts = working_days_between(first, middle, CALENDAR) + working_days_between(middle, last, CALENDAR)
    assert working_days_between(first, last, CALENDAR) == parts
