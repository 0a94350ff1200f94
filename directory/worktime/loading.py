"""Loading a year's working days from a CSV file (`date,is_working,name`), from the command or the administration."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from directory.models import CalendarDay, CalendarYear, Region
from directory.worktime.calendar import FIRST_DAY, LAST_DAY, DayEntry, settled_days, settling_year
from directory.worktime.source import CalendarChange, announce
from directory.worktime.times import DAY

COLUMNS = ("date", "is_working", "name")
WORKED = {"1", "true", "yes", "是", "上班", "班"}
OFF = {"0", "false", "no", "否", "休", "休息", "放假"}
MOST_ERRORS = 20
# 《全国年节及纪念日放假办法》: off in every year, so a file that says otherwise is incomplete or shifted by a row.
ALWAYS_OFF = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))


class CalendarFileError(ValueError):
    """A calendar file that cannot be taken; `errors` name the rows and what is accepted."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = errors
        more = [f"……另有{len(errors) - MOST_ERRORS}处错误"] if len(errors) > MOST_ERRORS else []
        super().__init__("\n".join(errors[:MOST_ERRORS] + more))


@dataclass(frozen=True, slots=True)
class YearFile:
    """A checked file: one year, with the days of it that differ from Monday to Friday or have a name."""

    year: int
    entries: tuple[DayEntry, ...]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading did, in days. `kept` are days entered by hand or by another year's file, which were left alone."""

    year: int
    created: int
    updated: int
    removed: int
    kept: int

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated or self.removed)


def parse(content: bytes, *, holidays_only: bool = False) -> YearFile:
    """Check a file (UTF-8 or GB 18030) as a whole.

    Every day of one year must be there once, or with `holidays_only` just the days that differ from Monday to Friday.
    Days from 28 December of the year before may be added, because the year's notice decides them.
    Raises `CalendarFileError` naming every wrong row.
    """
    entries = _unique(_rows(content))
    year = Counter(day.year for day in entries).most_common(1)[0][0]
    errors = [_outside(row, day, year) for day, (row, _) in entries.items() if not _belongs(day, year)]
    stated = {day: entry for day, (_, entry) in entries.items()}
    errors += _missing(stated, year) if not holidays_only else []
    errors += _worked_holidays(stated, year)
    if errors:
        raise CalendarFileError(errors)
    telling = (entry for entry in stated.values() if entry.name or entry.is_working != (entry.date.weekday() < 5))
    return YearFile(year, tuple(telling))


@transaction.atomic
def store(file: YearFile, *, region: Region | None, source: str, now: datetime) -> LoadReport:
    """Make the file the calendar of its year for the region (None: the country), and announce it.

    Loading again is harmless. Days entered by hand stay as they are. The last days of December belong to the file of
    the following year.
    """
    record, created = CalendarYear.objects.get_or_create(
        year=file.year, region=region, defaults={"source": source[:200], "loaded_at": now}
    )
    report = _write(file, record, source[:200])
    if report.changed and not created:
        record.source, record.loaded_at = source[:200], now
        record.save(update_fields=["source", "loaded_at"])
    announce(CalendarChange(region.pk if region else None, (file.year,)))
    return report


def _write(file: YearFile, record: CalendarYear, source: str) -> LoadReport:
    first, last = date(file.year - 1, 12, 1), date(file.year, 12, 31)
    rows = CalendarDay.objects.filter(region=record.region, date__range=(first, last)).select_related("year")
    present = {row.date: row for row in rows}
    mine = {day: row for day, row in present.items() if _is_decided_by(row, record)}
    wanted = {entry.date: entry for entry in file.entries if _may_write(present.get(entry.date), file.year)}
    gone = [row.pk for day, row in mine.items() if day not in wanted]
    new = [entry for day, entry in wanted.items() if day not in present]
    changed = [
        present[day] for day, entry in wanted.items() if day in present and _differs(present[day], entry, record)
    ]
    for row in changed:
        row.is_working, row.name = wanted[row.date].is_working, wanted[row.date].name
        row.year, row.source = record, source
    CalendarDay.objects.filter(pk__in=gone).delete()
    CalendarDay.objects.bulk_update(changed, ["is_working", "name", "year", "source"])
    CalendarDay.objects.bulk_create(_row(entry, record, source) for entry in new)
    return LoadReport(file.year, len(new), len(changed), len(gone), len(file.entries) - len(wanted))


def _may_write(row: CalendarDay | None, year: int) -> bool:
    """Neither a day entered by hand nor one stated by the file of the year that decides it is overwritten."""
    if row is None:
        return True
    if row.year is None:
        return False
    return row.year.year == year or settling_year(row.date) == year


def _is_decided_by(row: CalendarDay, record: CalendarYear) -> bool:
    """The file's own earlier rows, and what an older file said of the December days that this year decides."""
    return row.year_id == record.pk or (row.year_id is not None and settling_year(row.date) == record.year)


def _differs(row: CalendarDay, entry: DayEntry, record: CalendarYear) -> bool:
    return (row.is_working, row.name, row.year_id) != (entry.is_working, entry.name, record.pk)


def _row(entry: DayEntry, record: CalendarYear, source: str) -> CalendarDay:
    return CalendarDay(
        date=entry.date,
        region=record.region,
        is_working=entry.is_working,
        name=entry.name,
        source=source,
        year=record,
    )


def _rows(content: bytes) -> list[tuple[int, DayEntry]]:
    reader = csv.DictReader(io.StringIO(_text(content), newline=""))
    header = [name.strip() for name in reader.fieldnames or ()]
    if not {"date", "is_working"} <= set(header):
        raise CalendarFileError([f"第1行：表头应为 {','.join(COLUMNS)}，现为 {','.join(header) or '空'}"])
    reader.fieldnames = header
    entries: list[tuple[int, DayEntry]] = []
    errors: list[str] = []
    for row in reader:
        try:
            entries.append((reader.line_num, _entry(row)))
        except ValueError as error:
            errors.append(f"第{reader.line_num}行：{error}")
    if errors:
        raise CalendarFileError(errors)
    if not entries:
        raise CalendarFileError(["文件没有数据行"])
    return entries


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CalendarFileError(["文件编码无法识别；应为 UTF-8 或 GB 18030"])


def _entry(row: Mapping[str | None, str | None]) -> DayEntry:
    name = (row.get("name") or "").strip()
    if len(name) > 60:
        raise ValueError("name 超过60字")
    return DayEntry(_date((row.get("date") or "").strip()), _worked((row.get("is_working") or "").strip()), name)


def _date(text: str) -> date:
    try:
        year, month, day = (int(part) for part in text.replace("/", "-").split("-"))
        value = date(year, month, day)
    except ValueError:
        raise ValueError(f"date“{text}”无效；应为 2027-01-31 或 2027/1/31") from None
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError(f"date“{text}”超出范围；应在 {FIRST_DAY} 至 {LAST_DAY} 之间")
    return value


def _worked(text: str) -> bool:
    if text.lower() in WORKED:
        return True
    if text.lower() in OFF:
        return False
    raise ValueError(f"is_working“{text}”无效；上班填 1 或 上班，休息填 0 或 休")


def _unique(rows: Iterable[tuple[int, DayEntry]]) -> dict[date, tuple[int, DayEntry]]:
    entries: dict[date, tuple[int, DayEntry]] = {}
    errors = []
    for row, entry in rows:
        if entry.date in entries:
            errors.append(f"第{row}行：{entry.date} 与第{entries[entry.date][0]}行重复")
        entries.setdefault(entry.date, (row, entry))
    if errors:
        raise CalendarFileError(errors)
    return entries


def _belongs(day: date, year: int) -> bool:
    return settled_days(year)[0] <= day <= date(year, 12, 31)


def _outside(row: int, day: date, year: int) -> str:
    return f"第{row}行：{day} 不属于{year}年；一个文件只含一年，可另含上年12月28日至31日"


def _missing(stated: Mapping[date, DayEntry], year: int) -> list[str]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    missing = [day for day in (first + DAY * step for step in range((last - first).days + 1)) if day not in stated]
    if not missing:
        return []
    some = "、".join(str(day) for day in missing[:5])
    return [f"缺少{year}年的{len(missing)}天（{some}…）；只列放假和调休日时请选“仅节假日”（--holidays-only）"]


def _worked_holidays(stated: Mapping[date, DayEntry], year: int) -> list[str]:
    errors = []
    for month, number in ALWAYS_OFF:
        day = date(year, month, number)
        entry = stated.get(day)
        if entry.is_working if entry else day.weekday() < 5:
            errors.append(f"{day} 是法定节假日，文件未列为休息")
    return errors
