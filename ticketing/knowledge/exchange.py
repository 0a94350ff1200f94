"""Import and export as CSV and XLSX: the columns of the trade, every rule checked, a report per row."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import IO, Any
from zipfile import BadZipFile

from django.db import transaction
from django.utils import timezone

from ticketing.lifecycle.actors import Actor

from .editing import approve, propose
from .models import KnowledgeEntry, Material
from .rules import FIELDS, Checker, Content, Problem, Refused

ROWS_MOST = 1000
REVIEW_DAYS = 180
#: header → field; both the trade's names and ours are understood
COLUMNS = {label: name for name, label in FIELDS.items()} | {name: name for name in FIELDS}
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class BadFile(Exception):
    """The file cannot be read as a table of entries; the text (Chinese) says why and what is accepted."""


@dataclass(frozen=True)
class RowReport:
    """What became of one row; `number` counts as the sheet does, the header being row 1."""

    number: int
    title: str
    problems: tuple[Problem, ...] = ()
    code: str = ""

    @property
    def text(self) -> str:
        if not self.problems:
            return "已导入" if self.code else "通过检查"
        return "；".join(f"{FIELDS.get(one.field, one.field)}：{one.message}" for one in self.problems)


class Record(dict[str, Any]):
    """The fields of one row; `number` counts as the sheet does, the header being row 1 and blank rows counted."""

    number: int


def read(file: IO[bytes], name: str) -> list[Record]:
    """The rows of a .csv (UTF-8 or GB 18030) or .xlsx file as fields. Raises `BadFile`."""
    ending = PurePath(name).suffix.lower()
    if ending == ".csv":
        table = _table(_decoded(file.read()))
    elif ending == ".xlsx":
        table = _sheet(file)
    else:
        raise BadFile("只接受 .csv 和 .xlsx 文件")
    rows = [(at, row) for at, row in enumerate(table, 1) if any(str(cell or "").strip() for cell in row)]
    if not rows:
        raise BadFile("文件是空的")
    if len(rows) - 1 > ROWS_MOST:
        raise BadFile(f"一次最多导入 {ROWS_MOST} 条，现为 {len(rows) - 1} 条")
    return list(_records(rows))


def _table(text: str) -> list[list[str]]:
    """The cells, separated by what the header is separated by: comma, semicolon or tab."""
    header = text.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise BadFile(f"不是有效的 CSV 文件（{error}）；单元格最多 {csv.field_size_limit()} 个字") from error


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-16", "utf-8-sig", "gb18030") if raw[:2] in _WIDE else ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("无法识别文件编码；请存为 UTF-8 的 CSV")


def _sheet(file: IO[bytes]) -> list[list[Any]]:
    from openpyxl import load_workbook  # here: half a second to load
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError, TypeError) as error:
        raise BadFile("不是有效的 XLSX 文件") from error
    if not book.worksheets:
        raise BadFile("XLSX 文件里没有工作表")
    sheet = book.worksheets[0]
    found = [list(row) for row in sheet.iter_rows(values_only=True, max_row=ROWS_MOST * 2)]
    book.close()
    return found


def _records(rows: list[tuple[int, list[Any]]]) -> Iterator[Record]:
    header = [str(cell or "").strip() for cell in rows[0][1]]
    unknown = [label for label in header if label and label not in COLUMNS]
    if unknown:
        raise BadFile(f"不认识的列：{'、'.join(unknown)}；可用：{'、'.join(FIELDS.values())}")
    lacking = [FIELDS[name] for name in ("title", "category", "content", "material") if not _has(header, name)]
    if lacking:
        raise BadFile(f"缺少列：{'、'.join(lacking)}")
    for number, row in rows[1:]:
        record = Record((COLUMNS[label], _cell(value)) for label, value in zip(header, row, strict=False) if label)
        record.number = number
        _fill_in(record)
        yield record


def _has(header: list[str], name: str) -> bool:
    return name in header or FIELDS[name] in header


def _cell(value: Any) -> Any:
    """A cell's value; the apostrophe that an export puts before signs of a formula is taken off again."""
    if isinstance(value, str) and value[:1] == "'" and value[1:2] in _FORMULA:
        return value[1:]
    return value.date() if hasattr(value, "date") and callable(value.date) else value


def _fill_in(record: dict[str, Any]) -> None:
    """[default] valid from today, reviewed in half a year; the structured part is JSON in its cell."""
    today = timezone.localdate()
    record["valid_from"] = record.get("valid_from") or today
    record["review_on"] = record.get("review_on") or today + timedelta(days=REVIEW_DAYS)
    record["owner"] = record.get("owner") or record.get("issuer")
    details = record.get("details")
    if isinstance(details, str) and details.strip():
        try:
            record["details"] = json.loads(details)
        except json.JSONDecodeError:
            record["details"] = [details]


def check(records: Iterable[Mapping[str, Any]]) -> tuple[list[RowReport], list[Content]]:
    """A report for every row, and the contents of those that pass. Nothing is stored."""
    checker = Checker()
    reports: list[RowReport] = []
    passed: list[Content] = []
    for at, record in enumerate(records, 2):
        number = record.number if isinstance(record, Record) else at
        title = str(record.get("title") or "").strip()
        try:
            passed.append(checker.check(record))
            reports.append(RowReport(number, title))
        except Refused as refused:
            reports.append(RowReport(number, title, tuple(refused.problems)))
    return reports, passed


def store(
    records: Iterable[Mapping[str, Any]], *, actor: Actor, approver: Actor | None = None, partly: bool = False
) -> list[RowReport]:
    """Imports the rows as submitted versions, all or none; `partly`: the good rows although others are wrong.

    `approver`: a second person who approves at once. Raises what `propose` and `approve` refuse, then nothing is kept.
    """
    reports, passed = check(records)
    if len(passed) < len(reports) and not partly:
        return reports
    codes: dict[str, str] = {}
    with transaction.atomic():
        for content in passed:
            version = propose(content, actor=actor)
            if approver is not None:
                approve(version, actor=approver, remark="批量导入")
            codes[content.title] = version.entry.code
    return [
        RowReport(
            report.number, report.title, report.problems, codes.get(report.title, "") if not report.problems else ""
        )
        for report in reports
    ]


def rows(entries: Iterable[KnowledgeEntry]) -> Iterator[list[Any]]:
    """Header and rows as `read` understands them."""
    yield list(FIELDS.values())
    for entry in entries:
        yield [
            entry.title,
            entry.category.path,
            entry.content,
            entry.owner.name,
            entry.issuer,
            Material(entry.material).label,
            ",".join(entry.keywords),
            "是" if entry.public else "否",
            json.dumps(entry.details, ensure_ascii=False) if entry.details else "",
            entry.valid_from.isoformat(),
            entry.valid_to.isoformat() if entry.valid_to else "",
            entry.review_on.isoformat(),
        ]


def write_csv(entries: Iterable[KnowledgeEntry], file: IO[str]) -> None:
    """CSV with a byte order mark, as spreadsheet programs expect it; no cell is taken for a formula."""
    file.write("\ufeff")
    writer = csv.writer(file)
    for row in rows(entries):
        writer.writerow([_safe(cell) for cell in row])


def write_xlsx(entries: Iterable[KnowledgeEntry], file: IO[bytes]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("知识库")
    for row in rows(entries):
        sheet.append([_safe(cell) for cell in row])
    book.save(file)


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
