"""The administration of days, years and hours writes what the files and functions would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from directory.models import CalendarDay, CalendarYear, OfficeHours
from directory.worktime import source
from directory.worktime.admin import CalendarDayAdmin, CalendarYearAdmin, HoursForm, YearForm
from directory.worktime.source import CalendarChange, calendar_for
from tests.directory.test_worktime_loading import csv_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[CalendarChange]]:
    changes: list[CalendarChange] = []
    monkeypatch.setattr(source, "on_calendar_change", [changes.append])
    source.forget()
    yield changes
    source.forget()


def year_form(content: bytes, **data: Any) -> YearForm:
    upload = SimpleUploadedFile("2027.csv", content)
    return YearForm({"region": "", "source": "通知", **data}, {"file": upload})


def test_a_year_is_loaded_from_a_file(heard: list[CalendarChange], django_capture_on_commit_callbacks: Any) -> None:
    form = year_form(csv_of(), holidays_only="on")
    assert form.is_valid(), form.errors
    saved = form.save(commit=False)
    with django_capture_on_commit_callbacks(execute=True):
        CalendarYearAdmin(CalendarYear, AdminSite()).save_model(RequestFactory().post("/"), saved, form, False)
    assert saved.pk == CalendarYear.objects.get(year=2027).pk
    assert not calendar_for().is_working(date(2027, 10, 1))
    assert heard == [CalendarChange(None, (2027,))]


def test_a_wrong_file_is_told_row_by_row() -> None:
    form = year_form(b"date,is_working\n2027-01-01,x\n2027-01-02,y\n")
    assert [error.split("：")[0] for error in form.errors["file"]] == ["第2行", "第3行"]
    assert year_form(b"x" * 300_000).errors["file"] == ["文件超过256KB"]


def test_a_loaded_year_is_not_edited_in_place(rf: RequestFactory) -> None:
    year_admin = CalendarYearAdmin(CalendarYear, AdminSite())
    assert not year_admin.has_change_permission(rf.get("/"), CalendarYear(year=2027))


def test_a_day_by_hand_is_announced_where_it_was_and_where_it_is(
    heard: list[CalendarChange], django_capture_on_commit_callbacks: Any, rf: RequestFactory
) -> None:
    day_admin = CalendarDayAdmin(CalendarDay, AdminSite())
    day = CalendarDay(date=date(2026, 7, 20), is_working=False, name="停工")
    with django_capture_on_commit_callbacks(execute=True):
        day_admin.save_model(rf.post("/"), day, None, False)
        day.date = date(2027, 7, 20)
        day_admin.save_model(rf.post("/"), day, None, True)
        day_admin.delete_queryset(rf.post("/"), CalendarDay.objects.all())
    assert [change.years for change in heard] == [(2026,), (2026,), (2027,), (2027,)]
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize(
    ("opens", "closes", "field"), [("11:00", "13:00", "opens"), ("12:00", "09:00", "closes"), ("12:00", "13:00", None)]
)
def test_office_hours_are_checked(opens: str, closes: str, field: str | None) -> None:
    OfficeHours.objects.create(weekday=0, opens=time(9), closes=time(12))
    form = HoursForm({"weekday": 0, "opens": opens, "closes": closes})
    assert list(form.errors) == ([field] if field else [])
