"""Loading a year from a file: what is refused and why, what is written, and that twice is once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from directory.models import CalendarDay, CalendarYear, Region, RegionLevel
from directory.worktime import source
from directory.worktime.limits import working_days
from directory.worktime.loading import CalendarFileError, YearFile, parse, store
from directory.worktime.source import CalendarChange, calendar_for
from tests.directory.worktime_oracle import at, days

HOLIDAYS = (
    *(
        ("2026-12-31", "0", "元旦"),
        ("2027-01-01", "0", "元旦"),
        ("2027-01-02", "0", "元旦"),
        ("2027-01-03", "1", "元旦"),
    ),
    *((f"2027-02-{day:02}", "0", "春节") for day in range(5, 13)),
    *((f"2027-05-{day:02}", "0", "劳动节") for day in range(1, 6)),
    *((f"2027-10-{day:02}", "0", "国庆节") for day in range(1, 8)),
    ("2027-10-09", "1", "国庆节"),
)


def csv_of(rows: tuple[tuple[str, str, str], ...] = HOLIDAYS) -> bytes:
    return "\n".join(["date,is_working,name", *(",".join(row) for row in rows)]).encode()


def whole_year(year: int = 2027) -> bytes:
    stated = {text: (worked, name) for text, worked, name in HOLIDAYS}
    rows = []
    for day in days(date(year, 1, 1), date(year, 12, 31)):
        worked, name = stated.get(str(day), ("1" if day.weekday() < 5 else "0", ""))
        rows.append((str(day), worked, name))
    return csv_of((("2026-12-31", "0", "元旦"), *rows))


def holidays() -> YearFile:
    return parse(csv_of(), holidays_only=True)


def errors_of(content: bytes, *, holidays_only: bool = True) -> list[str]:
    with pytest.raises(CalendarFileError) as caught:
        parse(content, holidays_only=holidays_only)
    return caught.value.errors


def test_a_whole_year_and_its_holidays_say_the_same() -> None:
    assert parse(whole_year()) == holidays()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_files_from_a_spreadsheet_are_taken(encoding: str) -> None:
    text = csv_of().decode().replace("-0", "/").replace("-", "/").replace(",0,", ",休,").replace(",1,", ",上班,")
    assert parse(text.replace("\n", "\r\n").encode(encoding), holidays_only=True) == holidays()


def test_wrong_rows_are_all_named_with_what_is_accepted() -> None:
    rows = (("2027-13-01", "0", ""), ("2027-01-01", "也许", ""), ("", "", ""), ("1980-01-01", "0", ""))
    assert errors_of(csv_of(rows)) == [
        "第2行：date“2027-13-01”无效；应为 2027-01-31 或 2027/1/31",
        "第3行：is_working“也许”无效；上班填 1 或 上班，休息填 0 或 休",
        "第4行：date“”无效；应为 2027-01-31 或 2027/1/31",
        "第5行：date“1980-01-01”超出范围；应在 1992-01-01 至 2099-12-31 之间",
    ]


def test_a_day_twice_is_refused() -> None:
    assert errors_of(csv_of((*HOLIDAYS, HOLIDAYS[0]))) == [f"第{len(HOLIDAYS) + 2}行：2026-12-31 与第2行重复"]


def test_a_second_year_is_refused_but_not_the_december_before() -> None:
    rows = (*HOLIDAYS, ("2026-12-27", "0", ""), ("2028-01-01", "0", "元旦"))
    assert [error.split("；")[0] for error in errors_of(csv_of(rows))] == [
        f"第{len(HOLIDAYS) + 2}行：2026-12-27 不属于2027年",
        f"第{len(HOLIDAYS) + 3}行：2028-01-01 不属于2027年",
    ]


def test_an_incomplete_year_is_refused_unless_declared() -> None:
    (error,) = errors_of(csv_of(), holidays_only=False)
    assert error.startswith("缺少2027年的341天（2027-01-04、")
    assert "--holidays-only" in error


def test_a_year_without_national_day_is_refused() -> None:
    rows = tuple(row for row in HOLIDAYS if row[0] != "2027-10-01")
    assert errors_of(csv_of(rows)) == ["2027-10-01 是法定节假日，文件未列为休息"]


def test_other_files_are_refused() -> None:
    assert errors_of(b"day,works\n1,2\n") == ["第1行：表头应为 date,is_working,name，现为 day,works"]
    assert errors_of(b"") == ["第1行：表头应为 date,is_working,name，现为 空"]
    assert errors_of(b"date,is_working,name\n") == ["文件没有数据行"]
    assert errors_of(b"\xff\xff\x00") == ["文件编码无法识别；应为 UTF-8 或 GB 18030"]


def test_many_errors_are_cut_short() -> None:
    with pytest.raises(CalendarFileError, match="另有10处错误"):
        parse(csv_of((("x", "0", ""),) * 30))


@pytest.mark.django_db
class TestStore:
    @pytest.fixture(autouse=True)
    def fresh(self) -> Iterator[None]:
        source.forget()
        yield
        source.forget()

    def load(self, file: YearFile, region: Region | None = None, name: str = "通知") -> Any:
        return store(file, region=region, source=name, now=timezone.now())

    def test_loading_settles_a_provisional_due_time(self) -> None:
        start = at("2026-12-30 10:00")
        before = working_days(start, 2, calendar_for())
        self.load(holidays())
        after = working_days(start, 2, calendar_for())
        assert (before.provisional, before.due_at) == (True, at("2027-01-02 00:00"))
        assert (after.provisional, after.due_at) == (False, at("2027-01-05 00:00"))  # Sunday 3 made up, Monday 4
        assert calendar_for().known_through == date(2027, 12, 27)
        assert calendar_for().explain(date(2027, 10, 9)) == "2027-10-09 调休上班"

    def test_twice_is_once(self) -> None:
        first = self.load(holidays())
        loaded_at = CalendarYear.objects.get().loaded_at
        again = self.load(parse(whole_year()), name="另一来源")
        assert (first.created, first.changed) == (len(HOLIDAYS), True)
        assert not again.changed
        assert CalendarDay.objects.count() == len(HOLIDAYS)
        assert CalendarYear.objects.get().loaded_at == loaded_at

    def test_a_corrected_file_replaces_the_first(self) -> None:
        self.load(holidays())
        rows = tuple(row for row in HOLIDAYS if row[0] not in ("2027-10-07", "2027-10-09"))
        report = self.load(parse(csv_of((*rows, ("2027-10-10", "1", "国庆节"))), holidays_only=True))
        assert (report.created, report.updated, report.removed) == (1, 0, 2)
        assert calendar_for().is_working(date(2027, 10, 7))

    def test_a_day_entered_by_hand_stays(self) -> None:
        CalendarDay.objects.create(date=date(2027, 10, 7), is_working=True, name="抢险")
        report = self.load(holidays())
        assert report.kept == 1
        assert calendar_for().is_working(date(2027, 10, 7))

    def test_december_belongs_to_the_file_of_the_next_year(self) -> None:
        early = parse(csv_of((*HOLIDAYS, ("2027-12-30", "0", "早退"), ("2027-12-31", "0", "早退"))), holidays_only=True)
        self.load(early)
        assert not calendar_for().is_working(date(2027, 12, 31))
        fixed = [(f"2028-{day}", "0", "节") for day in ("01-01", "05-01", "10-01", "10-02", "10-03")]
        late = parse(csv_of((("2027-12-31", "0", "元旦"), *fixed)), holidays_only=True)
        report = self.load(late)
        assert (report.updated, report.removed) == (1, 1)
        assert self.load(early).kept == 1
        assert calendar_for().explain(date(2027, 12, 31)) == "2027-12-31 元旦 休"

    def test_a_region_may_have_a_year_of_its_own(self) -> None:
        region = Region.objects.create(code="990100", name="某市", level=RegionLevel.CITY)
        self.load(holidays())
        rows = tuple((*row[:2], row[2]) for row in HOLIDAYS if row[0] != "2027-02-12")
        self.load(parse(csv_of(rows), holidays_only=True), region)
        assert calendar_for("990100").is_working(date(2027, 2, 12))
        assert not calendar_for().is_working(date(2027, 2, 12))

    def test_the_command(
        self, tmp_path: Path, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard: list[CalendarChange] = []
        monkeypatch.setattr(source, "on_calendar_change", [heard.append])
        path, out = tmp_path / "2027.csv", StringIO()
        path.write_bytes(csv_of())
        with django_capture_on_commit_callbacks(execute=True):
            call_command("load_calendar", str(path), "--holidays-only", "--json", stdout=out)
        assert json.loads(out.getvalue())["created"] == len(HOLIDAYS)
        assert heard == [CalendarChange(None, (2027,))]
        assert CalendarYear.objects.get().source == "2027.csv"
        call_command("load_calendar", str(path), "--holidays-only", stdout=out)
        assert "新增0天" in out.getvalue()
        assert "已知至 2027-12-27" in out.getvalue()

    def test_the_command_says_what_is_wrong(self, tmp_path: Path) -> None:
        path = tmp_path / "2027.csv"
        path.write_bytes(csv_of())
        with pytest.raises(CommandError, match=r"2027.csv 未载入：\n缺少2027年"):
            call_command("load_calendar", str(path))
        with pytest.raises(CommandError, match="没有代码为 999999 的区域"):
            call_command("load_calendar", str(path), "--region", "999999")
        with pytest.raises(CommandError, match="无法读取"):
            call_command("load_calendar", str(tmp_path / "none.csv"))
        assert not CalendarYear.objects.exists()
