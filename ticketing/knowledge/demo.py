"""The knowledge of the demo city: the shipped entries, guides and policies, published at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from ticketing.lifecycle.actors import SYSTEM

from .editing import approve, propose
from .models import KnowledgeEntry
from .rules import Checker, Content, Refused

DATA = Path(__file__).resolve().parent.parent / "data"
FILES = ("knowledge", "guides", "policies")
REVIEW_DAYS = 180


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
            if raw is None or raw["title"] in known:
                continue
            try:
                yield checker.check(_fields(raw, today))
            except Refused as error:
                raise BadDemoData(f"{path.name} line {number}: {error}") from error


def _fields(raw: dict[str, Any], today: date) -> dict[str, Any]:
    given = dict(raw)
    given["owner"] = given.pop("unit")
    given.setdefault("valid_from", date(today.year, 1, 1))
    given.setdefault("review_on", today + timedelta(days=REVIEW_DAYS))
    return given


def load() -> int:
    """Publishes what is not there yet (by title); returns how many entries were made. Safe to repeat."""
    made = 0
    with transaction.atomic():
        known = frozenset(KnowledgeEntry.objects.values_list("title", flat=True))
        for content in contents(known):
            approve(propose(content, actor=SYSTEM), actor=SYSTEM, remark="演示数据")
            made += 1
    return made
