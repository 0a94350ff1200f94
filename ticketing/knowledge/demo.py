"""The knowledge of the demo city: the shipped entries, guides and policies, published at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from directory.models import Region
from ticketing.lifecycle.actors import SYSTEM

from .editing import approve, propose
from .models import KnowledgeEntry, Material
from .rules import Checker, Content, Refused
from .structure import GUIDE_FIELDS

DATA = Path(__file__).resolve().parent.parent / "data"
FILES = ("knowledge", "guides", "policies")
REVIEW_DAYS = 180
POLICY_CATEGORY = "170201"  # 惠企政策咨询
_FACTS = {"founded_years": "age_years", "revenue_wan": "revenue"}
_OPERATORS = {"in": "in", "==": "is", ">=": "at_least", "<=": "at_most"}


class BadDemoData(Exception):
    """A line of a shipped file breaks a rule; the text names file, line and rule."""


def contents(known: frozenset[str] = frozenset()) -> Iterator[Content]:
    """Every shipped entry whose title is not `known`, checked by the same rules as an import."""
    checker = Checker()
    today = timezone.localdate()
    for name in FILES:
        path = DATA / f"{name}.jsonl"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            raw = json.loads(line) if line.strip() else None
            if raw is None or _title(raw) in known:
                continue
            try:
                yield checker.check(_fields(raw, today))
            except Refused as error:
                raise BadDemoData(f"{path.name} line {number}: {error}") from error


def _fields(raw: dict[str, Any], today: date) -> dict[str, Any]:
    """A line of a shipped file as the fields of an entry."""
    given = {"owner": raw["unit"], "public": raw.get("public", True), "review_on": today + timedelta(days=REVIEW_DAYS)}
    given["valid_from"] = raw.get("valid_from") or date(today.year, 1, 1)
    if "item" in raw:
        return given | _guide(raw)
    if "benefit" in raw:
        return given | _policy(raw)
    return given | {name: raw[name] for name in ("title", "category", "content", "material", "keywords")}


def _title(raw: dict[str, Any]) -> str:
    return str(raw.get("title") or f"{raw['item']}办事指南")


def _guide(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": _title(raw),
        "category": raw["category"],
        "content": f"{raw['item']}，办理对象：{raw['who']}。{raw['conditions']}。",
        "material": Material.GUIDE,
        "details": {name: raw[name] for name in GUIDE_FIELDS if raw.get(name)},
    }


def _policy(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": raw["title"],
        "category": POLICY_CATEGORY,
        "content": raw["summary"],
        "issuer": "",
        "material": Material.POLICY,
        "valid_to": raw.get("valid_to"),
        "details": {
            "benefit": raw["benefit"],
            "document": raw["basis"],
            "conditions": [_condition(row) for row in raw["conditions"]],
        },
    }


def _condition(row: dict[str, Any]) -> dict[str, Any]:
    made = {
        "fact": _FACTS.get(row["field"], row["field"]),
        "operator": _OPERATORS[row["op"]],
        "value": row["value"],
    }
    if row["field"] == "region":
        names = Region.objects.filter(code__in=row["value"]).values_list("name", flat=True)
        made["text"] = f"所在地为{'、'.join(names)}"
    return made


def load() -> int:
    """Publishes what is not there yet (by title); returns how many entries were made. Safe to repeat."""
    made = 0
    with transaction.atomic():
        known = frozenset(KnowledgeEntry.objects.values_list("title", flat=True))
        for content in contents(known):
            approve(propose(content, actor=SYSTEM), actor=SYSTEM, remark="演示数据")
            made += 1
    return made
