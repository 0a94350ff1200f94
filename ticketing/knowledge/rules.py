"""The rules every entry obeys (DOMAIN §8), checked in one place for forms, imports and the demo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from directory.models import Category, Department

from .models import KEYWORD_MOST, TITLE_MOST, KnowledgeEntry, Material
from .structure import problems

CONTENT_MOST = 50_000
KEYWORDS_MOST = 20
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
        title = _text(raw.get("title"))
        material = self._material(raw.get("material"), found)
        details = raw.get("details") or {}
        found += self._title(title, entry)
        found += [Problem("details", text) for text in problems(material, details)] if material else []
        dates = {name: self._day(name, raw.get(name), found) for name in ("valid_from", "valid_to", "review_on")}
        if dates["valid_to"] and dates["valid_from"] and dates["valid_to"] < dates["valid_from"]:
            found.append(Problem("valid_to", "不能早于生效日期"))
        if len(_text(raw.get("content"))) > CONTENT_MOST:
            found.append(Problem("content", f"最多 {CONTENT_MOST} 个字"))
        category, owner = self._category(_text(raw.get("category")), found), self._owner(raw.get("owner"), found)
        keywords = self._keywords(raw.get("keywords"), title, found)
        if found:
            raise Refused(found)
        self._titles[title] = entry.pk if entry else -1
        assert dates["valid_from"] is not None and dates["review_on"] is not None and isinstance(details, dict)
        return Content(
            title=title,
            category=category,
            content=_text(raw.get("content")),
            owner=owner,
            issuer=_text(raw.get("issuer"))[:120],
            material=material,
            keywords=keywords,
            public=_flag(raw.get("public")),
            details=details,
            valid_from=dates["valid_from"],
            valid_to=dates["valid_to"],
            review_on=dates["review_on"],
        )

    def _title(self, title: str, entry: KnowledgeEntry | None) -> list[Problem]:
        if len(title) > TITLE_MOST:
            return [Problem("title", f"最多 {TITLE_MOST} 个字，现为 {len(title)} 个")]
        known = self._titles.get(title)
        if title and known is not None and known != (entry.pk if entry else None):
            return [Problem("title", "标题已存在，标题不能重复")]
        return []

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
        try:
            return date.fromisoformat(given.replace("/", "-"))
        except ValueError:
            found.append(Problem(name, "日期应写成 2026-01-31 的形式"))
            return None


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _flag(value: object) -> bool:
    return value is True or _text(value).lower() in ("1", "true", "yes", "是", "公开")
