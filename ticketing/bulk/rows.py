"""A complaints file row by row: parsed, checked, and named by its row number when it is refused."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from directory.models import Category, Region
from nlp import opening
from ticketing.errors import BadInput, TicketError
from ticketing.intake.report import BODY_LEAST, Report
from ticketing.privacy.identity import Person
from ticketing.terms import Kind

from .records import Broken, Records

NEEDED = ("id", "title", "body", "created_at")
#: columns of a rejects file that say why a row is there; ignored, so that a mended one can be imported as it is
IGNORED = ("row", "reason")
OPTIONAL = (
    "user",
    "region",
    "address",
    "phone",
    "kind",
    "category",
    "reply",
    "replied_at",
    "likes",
    "dislikes",
)
MOST_COUNT = 2**31 - 1
#: what becomes of bytes that are no text: kept for the rejects file; UTF-16 cannot keep half a character
_UNREADABLE = {
    "utf-8": "surrogateescape",
    "utf-8-sig": "surrogateescape",
    "gb18030": "surrogateescape",
    "utf-16": "replace",
}
_SHOWN = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030（GBK）", "utf-16": "UTF-16"}
#: how a spreadsheet or an office writes a time: 2020/1/31 9:30, 2020.1.31, 2020年1月31日 9:30, 2020年1月31日9时30分
_WRITTEN = re.compile(
    r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?(?:\s*(\d{1,2})[:时](\d{2})(?:[:分](\d{2}))?[分秒]?)?", re.ASCII
)
#: what a program puts behind a count whose column has gaps
_WHOLE = re.compile(r"\.0+$")
csv.field_size_limit(10_000_000)


@dataclass(frozen=True)
class Row:
    """One matter of the file, with its answer when it had one."""

    number: int
    report: Report
    reply: str = ""
    replied_at: datetime | None = None


@dataclass(frozen=True)
class Reject:
    """A row that does not go in: its number (the first data row is 2, as a spreadsheet shows it), why, and its text.

    Bytes that are no text are kept as they are (surrogate escapes).
    """

    number: int
    reason: str
    raw: dict[str, str]


class BadColumns(opening.NoTable):
    """The columns are not those of complaints: the text names what is missing and what is accepted."""


class Reader:
    """Reads a file against the directory as it is now."""

    def __init__(self, channel: str, history: bool, source: str = "") -> None:
        self._channel, self._history, self._source = channel, history, source
        self._now = timezone.now()
        self._encoding = "utf-8"
        self._regions: dict[str, str] = {}
        self._shared: dict[str, list[str]] = {}  # names that several places bear
        for name, code in _place_names():
            self._shared.setdefault(name, []).append(code)
        self._regions |= {name: codes[0] for name, codes in self._shared.items()}
        self._categories: dict[str, int] = {}
        for pk, code, path in Category.objects.values_list("pk", "code", "path"):
            self._categories[code] = self._categories[path] = pk
        self._kinds = {str(label): str(value) for value, label in Kind.choices} | {v: v for v in Kind.values}

    def read(self, path: Path) -> Iterator[Row | Reject]:
        """Every data row; blank ones count but are passed over. Raises `NoTable`, `BadColumns`, `OSError`."""
        self._encoding = opening.encoding_of(path)
        with path.open(encoding=self._encoding, errors=_UNREADABLE[self._encoding], newline="") as file:
            records = iter(Records(file, (*NEEDED, *OPTIONAL)))
            names = self.check_columns(next(records, None))
            for number, cells in enumerate(records, start=2):
                if isinstance(cells, Broken):
                    yield Reject(number, cells.why, dict(zip(names, cells.cells, strict=False)))
                elif cells:
                    raw = dict.fromkeys(names, "") | dict(zip(names, cells, strict=False))
                    yield self._parse(number, raw, len(cells) > len(names))

    @staticmethod
    def check_columns(header: list[str] | Broken | None) -> list[str]:
        """The names of the columns. Raises `BadColumns` unless each is known, the needed are there, and none twice."""
        found = [name.strip().lower() for name in header] if isinstance(header, list) else []
        wrong = {
            "missing column": [name for name in NEEDED if name not in found],
            "unknown column": [name for name in found if name not in NEEDED + OPTIONAL + IGNORED],
            "column twice": sorted({name for name in found if found.count(name) > 1}),
        }
        if parts := [f"{what} {', '.join(names)}" for what, names in wrong.items() if names]:
            accepted = f"accepted are {', '.join(NEEDED)} and, optionally, {', '.join(OPTIONAL)}"
            raise BadColumns(f"{'; '.join(parts)}; {accepted}".encode(errors="replace").decode())
        return found

    def _parse(self, number: int, raw: dict[str, str], surplus: bool) -> Row | Reject:
        try:
            if surplus:
                raise BadInput("row", "列数多于表头")
            self._readable(raw)
            return self._row(number, raw)
        except TicketError as error:
            return Reject(number, str(error).replace("“external_id”", "“id”"), raw)

    def _readable(self, raw: dict[str, str]) -> None:
        for name, text in raw.items():
            if "\x00" in text:
                raise BadInput(name, f"“{name}”中有不可用的控制字符")
            if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
                encoding = _SHOWN[self._encoding]
                raise BadInput(name, f"“{name}”中有不是 {encoding} 文本的字节（本文件按 {encoding} 读取）")

    def _row(self, number: int, raw: dict[str, str]) -> Row:
        if not raw["id"].strip():
            raise BadInput("id", "“id”不能为空")
        created_at = self._time(raw, "created_at")
        if created_at is None:
            raise BadInput("created_at", "“created_at”不能为空")
        reply, replied_at = raw.get("reply", "").strip(), self._time(raw, "replied_at")
        if replied_at is not None and replied_at < created_at:
            raise BadInput("replied_at", "“replied_at”早于“created_at”")
        if bool(reply) != (replied_at is not None):
            raise BadInput("replied_at", "“reply”和“replied_at”应同时有值或同时为空")
        title, body = raw["title"].strip(), raw["body"].strip()
        report = Report(
            channel=self._channel,
            source=self._source,
            external_id=raw["id"].strip(),
            title=title,
            body=body if len(body) >= BODY_LEAST else f"{title}{body}",
            created_at=created_at if self._history else None,
            region=self._region(raw),
            kind=self._kind(raw),
            category=self._category(raw),
            person=Person(
                user=raw.get("user", "").strip(),
                phone=raw.get("phone", "").strip(),
                address=raw.get("address", "").strip(),
            ),
            likes=self._count(raw, "likes"),
            dislikes=self._count(raw, "dislikes"),
        )
        return Row(number, report, reply, replied_at)

    def _time(self, raw: dict[str, str], name: str) -> datetime | None:
        text = raw.get(name, "").strip()
        if not text:
            return None
        try:
            moment = parse_datetime(text) or _as_written(text)
        except ValueError:
            moment = None
        if moment is None:
            raise BadInput(name, f"“{name}”应为 ISO 8601 时间，例如 2020-01-31T09:30:00+08:00，或 2020/1/31 9:30")
        moment = moment if moment.tzinfo else timezone.make_aware(moment)
        if not 1992 <= moment.year <= 2099:
            raise BadInput(name, f"“{name}”的年份应在 1992 至 2099 之间")
        if moment > self._now:
            raise BadInput(name, f"“{name}”晚于当前时间")
        return moment

    def _region(self, raw: dict[str, str]) -> str:
        text = raw.get("region", "").strip()
        if text and text not in self._regions:
            raise BadInput("region", f"“region”不是已登记的区划名称或代码：{text}")
        if len(codes := self._shared.get(text, [])) > 1:
            raise BadInput("region", f"叫“{text}”的区划有 {len(codes)} 个，请改填代码：{'、'.join(codes)}")
        return self._regions.get(text, "")

    def _kind(self, raw: dict[str, str]) -> str:
        text = raw.get("kind", "").strip()
        if text and text not in self._kinds:
            raise BadInput("kind", f"“kind”只接受：{'、'.join(self._kinds)}")
        return self._kinds.get(text, "")

    def _category(self, raw: dict[str, str]) -> int | None:
        text = raw.get("category", "").strip()
        if text and text not in self._categories:
            raise BadInput("category", f"“category”不是已登记的分类代码或路径：{text}")
        return self._categories.get(text)

    @staticmethod
    def _count(raw: dict[str, str], name: str) -> int:
        text = _WHOLE.sub("", raw.get(name, "").strip()) or "0"
        if not (text.isascii() and text.isdigit() and int(text) <= MOST_COUNT):
            raise BadInput(name, f"“{name}”应为 0 至 {MOST_COUNT} 的整数")
        return int(text)


def _as_written(text: str) -> datetime | None:
    """A spreadsheet's or an office's spelling of a time, without a zone; None for other text, `ValueError` for no such
    day."""
    found = _WRITTEN.fullmatch(text)
    return datetime(*(int(part or 0) for part in found.groups())) if found else None  # type: ignore[arg-type]


def _place_names() -> Iterator[tuple[str, str]]:
    """(name, code) of every place: its code, its own name, and that with the names above it: 郑州市中原区."""
    rows = {code: (name, parent) for code, name, parent in Region.objects.values_list("code", "name", "parent_id")}
    for code in sorted(rows):
        yield code, code
        whole, here = "", code
        while here in rows:
            name, here = rows[here]
            whole = f"{name}{whole}"
            yield whole, code
