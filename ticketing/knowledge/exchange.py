"""Import and export as CSV and XLSX: the columns of the trade, every rule checked, a report per row."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import PurePath
from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from ticketing.lifecycle.actors import Actor

from .editing import OPEN, approve, propose
from .models import KnowledgeEntry, KnowledgeVersion, Material
from .rules import FIELDS, Checker, Content, Problem, Refused, stored

ROWS_MOST = 1000
COLUMNS_MOST = 100
REVIEW_DAYS = 180
#: header → field; both the trade's names and ours are understood
NEW, CHANGED, SAME = "new", "changed", "same"  # what a row would do to what is stored
COLUMNS = {label: name for name, label in FIELDS.items()} | {name: name for name in FIELDS}
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


class BadFile(Exception):
    """The file cannot be read as a table of entries; the text (Chinese) says why and what is accepted."""


@dataclass(frozen=True)
class RowReport:
    """What became of one row; `number` counts as the sheet does, the header being row 1."""

    number: int
    title: str
    problems: tuple[Problem, ...] = ()
    code: str = ""
    change: str = NEW

    @property
    def text(self) -> str:
        if self.change == SAME and not self.problems:
            return "与现有内容相同，无变化"
        if not self.problems:
            done = "已提交新版本" if self.change == CHANGED else "已导入"
            return done if self.code else "通过检查"
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
    """The cells of the first sheet. The parts of a broken file fail in ways of their own, some only when read."""
    from openpyxl import load_workbook  # here: half a second to load

    try:
        book = load_workbook(file, read_only=True, data_only=True)
        sheets = book.worksheets
        rows = sheets[0].iter_rows(values_only=True, max_row=ROWS_MOST * 2, max_col=COLUMNS_MOST) if sheets else ()
        found = [list(row) for row in rows]
        book.close()
    except Exception as error:
        raise BadFile("不是有效的 XLSX 文件（加密、损坏或其他格式）；请用表格软件另存为 XLSX 或 CSV") from error
    if not sheets:
        raise BadFile("XLSX 文件里没有工作表")
    return found


def _records(rows: list[tuple[int, list[Any]]]) -> Iterator[Record]:
    header = [str(cell or "").strip() for cell in rows[0][1]]
    unknown = [label[:20] for label in header if label and label not in COLUMNS][:10]
    if unknown:
        raise BadFile(f"不认识的列：{'、'.join(unknown)}；可用：{'、'.join(FIELDS.values())}")
    twice = sorted({label for label in header if label and header.count(label) > 1})
    if twice:
        raise BadFile(f"重复的列：{'、'.join(twice)}")
    lacking = [FIELDS[name] for name in ("title", "category", "content", "material") if not _has(header, name)]
    if lacking:
        raise BadFile(f"缺少列：{'、'.join(lacking)}")
    for number, row in rows[1:]:
        record = Record((COLUMNS[label], _cell(value)) for label, value in zip(header, row, strict=False) if label)
        record.number = number
        _structured(record)
        yield record


def _has(header: list[str], name: str) -> bool:
    return name in header or FIELDS[name] in header


def _cell(value: Any) -> Any:
    """A cell's value; the apostrophe that an export puts before signs of a formula is taken off again."""
    if isinstance(value, str) and value[:1] == "'" and _FORMULA.match(value):
        return value[1:]
    return value.date() if hasattr(value, "date") and callable(value.date) else value


def _structured(record: dict[str, Any]) -> None:
    """The structured part is JSON in its cell."""
    details = record.get("details")
    if isinstance(details, str) and details.strip():
        try:
            record["details"] = json.loads(details, parse_constant=_no_number)
        except (ValueError, RecursionError):
            record["details"] = [details]


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number that can be stored")


def _filled(record: Mapping[str, Any], known: Mapping[str, Any] | None) -> dict[str, Any]:
    """The record with what it leaves out: of an entry that is there its own values, in columns the file does not have
    and days it leaves empty; of a new one [default] valid from today, reviewed in half a year."""
    today = timezone.localdate()
    filled = {**(known or {}), **record}
    for name, day in (("valid_from", today), ("review_on", today + timedelta(days=REVIEW_DAYS))):
        filled[name] = record.get(name) or (known or {}).get(name) or day
    if not str(record.get("owner") or "").strip():
        filled["owner"] = (known or {}).get("owner") or record.get("issuer")
    return filled


@dataclass(frozen=True)
class Row:
    """A row that passed: `entry` is the one it changes, None for a new one."""

    content: Content
    entry: KnowledgeEntry | None = None


class _Sheet:
    """The rows of one file against what is stored."""

    def __init__(self, records: list[Mapping[str, Any]], update: bool) -> None:
        self._checker, self._update = Checker(), update
        titles = [Checker.title(record.get("title")) for record in records]
        found = KnowledgeEntry.objects.filter(title__in=titles).select_related("category", "owner")
        self._known = {entry.title: entry for entry in found}
        newest = KnowledgeVersion.objects.filter(entry__in=self._known.values()).order_by("number")
        self._versions = {version.entry_id: version for version in newest}
        self._seen: dict[str, int] = {}

    def check(self, number: int, record: Mapping[str, Any]) -> tuple[RowReport, Row | None]:
        title = Checker.title(record.get("title"))
        entry = self._known.get(title)
        change, problems, row = NEW if entry is None else CHANGED, list[Problem](), None
        if title and title in self._seen:
            problems.append(Problem("title", f"标题已存在：与第 {self._seen[title]} 行重复"))
        self._seen.setdefault(title, number)
        known = self._texts(entry) if entry else []
        try:
            content = self._checker.check(_filled(record, known[-1] if known else None), entry)
            if content.stored() in known and not problems:
                return RowReport(number, title, change=SAME), None
            row = Row(content, entry)
        except Refused as refused:
            problems += refused.problems
        if entry is not None and row is not None:
            problems += self._may_change(entry)
        report = RowReport(number, title, tuple(problems), change=change)
        return report, None if problems else row

    def _texts(self, entry: KnowledgeEntry) -> list[dict[str, Any]]:
        """The text that is published, and the one that waits or was decided last."""
        newest = self._versions.get(entry.pk)
        texts = [stored(entry)] if entry.version else []
        return texts + ([newest.content] if newest is not None and newest.state in OPEN else [])

    def _may_change(self, entry: KnowledgeEntry) -> list[Problem]:
        newest = self._versions.get(entry.pk)
        if not self._update:
            return [Problem("title", "标题已存在，内容不同；要更新已有条目，请勾选“更新已有条目”")]
        if newest is not None and newest.state in OPEN:
            return [Problem("title", f"该条目（{entry.code}）已有未审核的版本，请先处理")]
        return []


def check(records: Iterable[Mapping[str, Any]], *, update: bool = False) -> tuple[list[RowReport], list[Row]]:
    """A report for every row, and what the rows that pass would store. Nothing is stored.

    A row whose title is there already is unchanged when all it says is there, else wrong, unless `update`.
    """
    given = list(records)
    sheet = _Sheet(given, update)
    reports: list[RowReport] = []
    passed: list[Row] = []
    for at, record in enumerate(given, 2):
        report, row = sheet.check(record.number if isinstance(record, Record) else at, record)
        reports.append(report)
        passed += [row] if row else []
    return reports, passed


def store(
    records: Iterable[Mapping[str, Any]],
    *,
    actor: Actor,
    approver: Actor | None = None,
    partly: bool = False,
    update: bool = False,
) -> list[RowReport]:
    """Imports the rows as submitted versions, all or none; `partly`: the good rows although others are wrong.

    `approver`: a second person who approves at once. `update`: rows with the title of an entry change it. Raises what
    `propose` and `approve` refuse, then nothing is kept.
    """
    reports, passed = check(records, update=update)
    if any(report.problems for report in reports) and not partly:
        return reports
    codes: dict[str, str] = {}
    with transaction.atomic():
        for row in passed:
            version = propose(row.content, actor=actor, entry=row.entry)
            if approver is not None:
                approve(version, actor=approver, remark="批量导入")
            codes[row.content.title] = version.entry.code
    return [
        report if report.problems or report.change == SAME else replace(report, code=codes.get(report.title, ""))
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
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
