"""The rules every entry obeys (DOMAIN §8), checked in one place for forms, imports and the demo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from directory.models import Category, Department, Region

from .models import KEYWORD_MOST, TITLE_MOST, KnowledgeEntry, Material
from .structure import conditions, problems

CONTENT_MOST = 30_000  # what a cell of a spreadsheet holds is a little more
KEYWORDS_MOST = 20
ISSUER_MOST = 120
_YES, _NO = ("1", "true", "yes", "y", "是", "公开"), ("", "0", "false", "no", "n", "否", "内部", "不公开")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 0?0:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")
FIELDS = {
    "title": "标题",
    "category": "类目",
    "content": "内容",
    "owner": "责任单位",
    "issuer": "发文单位",
    "material": "材料性质",
    "keywords": "关键字",
    "public": "公开",
    "details": "结构化内容",
    "valid_from": "生效日期",
    "valid_to": "失效日期",
    "review_on": "复审日期",
}
NEEDED = ("title", "category", "content", "owner", "material", "valid_from", "review_on")


@dataclass(frozen=True)
class Problem:
    """One broken rule: which field, and what is accepted (Chinese, for the person who filled it in)."""

    field: str
    message: str


class Refused(Exception):
    """The entry breaks rules; nothing was stored."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__("；".join(f"{FIELDS.get(one.field, one.field)}：{one.message}" for one in found))
        self.problems = found


@dataclass(frozen=True, kw_only=True)
class Content:
    """A checked text of an entry. `category` and `owner` are codes; dates are ISO in `stored()`."""

    title: str
    category: str
    content: str
    owner: str
    material: str
    valid_from: date
    review_on: date
    valid_to: date | None = None
    issuer: str = ""
    keywords: tuple[str, ...] = ()
    public: bool = False
    details: dict[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """As kept in a version."""
        raw = asdict(self)
        for name in ("valid_from", "valid_to", "review_on"):
            raw[name] = raw[name].isoformat() if raw[name] else None
        raw["keywords"] = list(self.keywords)
        return raw


class Checker:
    """Checks many entries against one reading of the directory; remembers titles seen, so a file has none twice."""

    def __init__(self) -> None:
        rows = Category.objects.filter(active=True).values_list("code", "path", "pk", "parent_id")
        parents = {parent for *_, parent in rows}
        self._leaves = {code: path for code, path, key, _ in rows if key not in parents}
        self._by_path = {path.strip("/"): code for code, path in self._leaves.items()}
        units = Department.objects.filter(active=True).values_list("code", "name", "short_name")
        self._units = {name: code for code, long, short in units for name in (short, long, code)}
        self._titles = dict(KnowledgeEntry.objects.values_list("title", "pk"))

    def check(self, raw: Mapping[str, object], entry: KnowledgeEntry | None = None) -> Content:
        """The content, or `Refused` with every broken rule. `entry`: the one being changed, which keeps its title."""
        found = [Problem(name, "没有这一栏") for name in raw if name not in FIELDS]
        found += [Problem(name, "不能为空") for name in NEEDED if not _text(raw.get(name))]
        title = self.title(raw.get("title"))
        found += [Problem(name, "有不能保存的控制字符") for name in FIELDS if _unwritable(raw.get(name))]
        material = self._material(raw.get("material"), found)
        details = raw.get("details") or {}
        found += self._title(title, entry)
        wrong = problems(material, details) if material else []
        found += [Problem("details", text) for text in wrong or self._places(details)]
        dates = {name: self._day(name, raw.get(name), found) for name in ("valid_from", "valid_to", "review_on")}
        if dates["valid_to"] and dates["valid_from"] and dates["valid_to"] < dates["valid_from"]:
            found.append(Problem("valid_to", "不能早于生效日期"))
        content = lines(_text(raw.get("content")))
        if len(content) > CONTENT_MOST:
            found.append(Problem("content", f"最多 {CONTENT_MOST} 个字，现为 {len(content)} 个"))
        category, owner = self._category(_text(raw.get("category")), found), self._owner(raw.get("owner"), found)
        keywords = self._keywords(raw.get("keywords"), title, found)
        public = _flag(raw.get("public"), found)
        if len(_text(raw.get("issuer"))) > ISSUER_MOST:
            found.append(Problem("issuer", f"最多 {ISSUER_MOST} 个字"))
        if found:
            raise Refused(found)
        self._titles[title] = entry.pk if entry else -1
        assert dates["valid_from"] is not None and dates["review_on"] is not None and isinstance(details, dict)
        return Content(
            title=title,
            category=category,
            content=content,
            owner=owner,
            issuer=_text(raw.get("issuer")),
            material=material,
            keywords=keywords,
            public=public,
            details=details,
            valid_from=dates["valid_from"],
            valid_to=dates["valid_to"],
            review_on=dates["review_on"],
        )

    @staticmethod
    def title(value: object) -> str:
        """A title as it is kept: in one line."""
        return " ".join(_text(value).split())

    def _title(self, title: str, entry: KnowledgeEntry | None) -> list[Problem]:
        if len(title) > TITLE_MOST:
            return [Problem("title", f"最多 {TITLE_MOST} 个字，现为 {len(title)} 个")]
        known = self._titles.get(title)
        if title and known is not None and known != (entry.pk if entry else None):
            return [Problem("title", "标题已存在，标题不能重复")]
        return []

    def _places(self, details: object) -> list[str]:
        """Districts of conditions are held against codes, so a name would never fit."""
        asked = conditions(details) if isinstance(details, Mapping) else ()
        values = [part for one in asked if one.fact == "region" for part in _parts(one.value)]
        unknown = [value for value in values if value not in self._districts] if values else []
        return [f"没有这个区县代码：{'、'.join(unknown)}；可用：{self._offered()}"] if unknown else []

    @cached_property
    def _districts(self) -> dict[str, str]:
        return dict(Region.objects.filter(level="county").order_by("code").values_list("code", "name"))

    def _offered(self) -> str:
        return "、".join(f"{code} {name}" for code, name in [*self._districts.items()][:20])

    def _material(self, value: object, found: list[Problem]) -> str:
        given = _text(value)
        by_label = {str(label): str(code) for code, label in Material.choices}
        code = by_label.get(given, given)
        if given and code not in Material.values:
            found.append(Problem("material", f"只接受：{'、'.join(by_label)}"))
            return ""
        return code

    def _category(self, given: str, found: list[Problem]) -> str:
        """A leaf's code, or its path of names separated by "/"."""
        code = given if given in self._leaves else self._by_path.get(given.strip("/"), "")
        if given and not code:
            found.append(Problem("category", "应为末级类目的代码，或以“/”分隔、止于末级的类目路径"))
        return code

    def _owner(self, value: object, found: list[Problem]) -> str:
        given = _text(value)
        if given and given not in self._units:
            found.append(Problem("owner", f"没有这个单位：{given[:60]}"))
        return self._units.get(given, "")

    def _keywords(self, value: object, title: str, found: list[Problem]) -> tuple[str, ...]:
        parts = value if isinstance(value, list | tuple) else re.split(r"[,，]", _text(value))
        words = tuple(dict.fromkeys(_text(part) for part in parts if _text(part)))
        if len(words) > KEYWORDS_MOST:
            found.append(Problem("keywords", f"最多 {KEYWORDS_MOST} 个"))
        for word in words:
            if len(word) > KEYWORD_MOST:
                found.append(Problem("keywords", f"每个最多 {KEYWORD_MOST} 个字：{word[:30]}"))
            if word == title:
                found.append(Problem("keywords", "不能与标题相同"))
        return words

    def _day(self, name: str, value: object, found: list[Problem]) -> date | None:
        if isinstance(value, date):
            return date(value.year, value.month, value.day)
        given = _text(value)
        if not given:
            return None
        written = _DAY.fullmatch(given)
        try:
            return date(*(int(part) for part in written.groups() if part)) if written else date.fromisoformat(given)
        except ValueError:
            found.append(Problem(name, f"日期应写成 2026-01-31 的形式，现为“{given[:20]}”"))
            return None


def lines(text: str) -> str:
    """With plain line ends: browsers send others than spreadsheets."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _unwritable(value: object) -> bool:
    """NUL, which no database takes, and other control characters but tab and line ends."""
    if isinstance(value, Mapping):
        return any(_unwritable(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return any(_unwritable(part) for part in value)
    return isinstance(value, str) and any(sign < " " and sign not in "\t\r\n" for sign in value)


def _flag(value: object, found: list[Problem]) -> bool:
    given = _text(value).lower()
    if given not in (*_YES, *_NO):
        found.append(Problem("public", f"只接受“是”或“否”，现为“{given[:20]}”"))
    return given in _YES


def stored(entry: KnowledgeEntry) -> dict[str, Any]:
    """The published text of an entry as a version keeps it. Its category and owner are to be at hand."""
    return Content(
        title=entry.title,
        category=entry.category.code,
        content=lines(entry.content),
        owner=entry.owner.code,
        issuer=entry.issuer,
        material=entry.material,
        keywords=tuple(entry.keywords),
        public=entry.public,
        details=entry.details,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        review_on=entry.review_on,
    ).stored()
