"""Calendars and office hours by region, out of the database and kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directory.models import CalendarDay, CalendarYear, OfficeHours, Region, RegionLevel
from directory.worktime import source
from directory.worktime.calendar import build
from directory.worktime.schedule import DEFAULT_SCHEDULE
from directory.worktime.source import CalendarChange, UnknownRegion, announce, calendar_for, office_hours_for

FLOOD = date(2024, 7, 22)  # a Monday

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    source.forget()
    yield
    source.forget()


@pytest.fixture(autouse=True)
def regions() -> dict[str, Region]:
    province = Region.objects.create(code="990000", name="某省", level=RegionLevel.PROVINCE)
    city = Region.objects.create(code="990100", name="某市", level=RegionLevel.CITY, parent=province)
    district = Region.objects.create(code="990101", name="某区", level=RegionLevel.COUNTY, parent=city)
    other = Region.objects.create(code="990200", name="另市", level=RegionLevel.CITY, parent=province)
    return {region.code: region for region in (province, city, district, other)}


def close(region: Region | None, *, is_working: bool = False, name: str = "停工") -> CalendarDay:
    day = CalendarDay.objects.create(date=FLOOD, region=region, is_working=is_working, name=name)
    announce(CalendarChange(region.pk if region else None, (FLOOD.year,)))
    return day


def test_without_rows_it_is_the_published_calendar() -> None:
    assert calendar_for() == calendar_for("990101") == build()
    assert calendar_for("990101") is calendar_for("990200")


def test_a_day_holds_below_its_region_and_not_beside_it(regions: dict[str, Region]) -> None:
    close(regions["990100"])
    assert [calendar_for(code).is_working(FLOOD) for code in ("990100", "990101")] == [False, False]
    assert [calendar_for(code).is_working(FLOOD) for code in (None, "990000", "990200")] == [True, True, True]
    assert calendar_for("990100").version != calendar_for("990200").version


def test_the_nearest_region_wins(regions: dict[str, Region]) -> None:
    close(None)
    close(regions["990101"], is_working=True)
    assert not calendar_for("990100").is_working(FLOOD)
    assert calendar_for("990101").is_working(FLOOD)


def test_a_loaded_year_makes_its_days_known() -> None:
    CalendarYear.objects.create(year=2027, source="通知", loaded_at=timezone.now())
    announce(CalendarChange(None, (2027,)))
    assert calendar_for("990101").known_through == date(2027, 12, 27)


def test_the_setting_hides_published_years(settings: Any) -> None:
    assert calendar_for().known_through.year == 2026
    settings.CALENDAR_THROUGH = 2024
    assert calendar_for().known_through == date(2024, 12, 27)


def test_an_unknown_region_is_an_error_and_a_new_one_is_found(regions: dict[str, Region]) -> None:
    calendar_for()
    with pytest.raises(UnknownRegion, match="'990300'"):
        calendar_for("990300")
    Region.objects.create(code="990300", name="新市", level=RegionLevel.CITY, parent=regions["990000"])
    assert calendar_for("990300") == build()


def test_kept_answers_cost_no_query() -> None:
    calendar_for("990101")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for code in (None, "990101", "990200") * 10:
            calendar_for(code)
            office_hours_for(code)
    assert len(queries) == 0


def test_another_process_is_noticed_at_the_recheck(monkeypatch: pytest.MonkeyPatch) -> None:
    before = calendar_for("990101")
    CalendarDay.objects.create(date=FLOOD, is_working=False)
    assert calendar_for("990101") is before
    monkeypatch.setattr(source, "RECHECK_SECONDS", 0.0)
    assert not calendar_for("990101").is_working(FLOOD)


def test_a_recheck_without_changes_keeps_the_calendars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "RECHECK_SECONDS", 0.0)
    close(None)
    assert calendar_for("990101") is calendar_for("990101")


def test_listeners_hear_after_the_commit(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[CalendarChange] = []
    monkeypatch.setattr(source, "on_calendar_change", [heard.append])
    with django_capture_on_commit_callbacks(execute=True):
        close(None)
        assert heard == []
    assert heard == [CalendarChange(None, (2024,))]


def test_office_hours_of_the_nearest_region_that_has_any(regions: dict[str, Region]) -> None:
    assert office_hours_for("990101") == DEFAULT_SCHEDULE
    OfficeHours.objects.create(region=regions["990100"], weekday=0, opens=time(8), closes=time(12))
    OfficeHours.objects.create(region=None, weekday=0, opens=time(10), closes=time(11))
    announce(CalendarChange("990100"))
    assert [opening.opens for opening in office_hours_for("990101").openings] == [time(8)]
    assert [opening.opens for opening in office_hours_for("990200").openings] == [time(10)]
