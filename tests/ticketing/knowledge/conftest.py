from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from directory.models import Category, Role, RoleBinding, Staff
from tests.ticketing.search.city import City, build
from ticketing.knowledge import finding
from ticketing.knowledge.editing import approve, propose
from ticketing.knowledge.models import KnowledgeEntry
from ticketing.knowledge.rules import Checker, Content
from ticketing.lifecycle.actors import SYSTEM, Actor, staff_actor
from ticketing.search import engines
from ticketing.search.embedded import EmbeddedEngine


@pytest.fixture
def city(db: None) -> City:
    made = build()
    parent = Category.objects.get(code="01")
    for code, name in (("0108", "路灯"), ("0102", "供水")):
        Category.objects.create(code=code, name=name, parent=parent, level=2, path=f"市政设施/{name}")
    second = Staff.objects.create(username="t-second", name="第二编辑")
    RoleBinding.objects.create(staff=second, role=Role.KNOWLEDGE_EDITOR)
    made.people["second"] = staff_actor(second)
    return made


@pytest.fixture
def editor(city: City) -> Actor:
    return city.people[Role.KNOWLEDGE_EDITOR]


@pytest.fixture
def second(city: City) -> Actor:
    return city.people["second"]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path / "knowledge")
    engines.use(knowledge=engine)
    yield engine
    engines.use()
    engine.close()


def fields(**changed: Any) -> dict[str, Any]:
    """An entry that breaks no rule, with changes."""
    given = {
        "title": "路灯不亮向谁反映",
        "category": "0108",
        "content": "路灯由城市照明部门维护，一般三日内修复。",
        "owner": "URBAN",
        "material": "question",
        "keywords": ["路灯", "照明"],
        "public": True,
        "valid_from": date(2020, 1, 1),
        "review_on": timezone.localdate() + timedelta(days=90),
    }
    return {**given, **changed}


@pytest.fixture
def content(city: City) -> Callable[..., Content]:
    def make(entry: KnowledgeEntry | None = None, **changed: Any) -> Content:
        return Checker().check(fields(**changed), entry)

    return make


@pytest.fixture
def published(content: Callable[..., Content], index: EmbeddedEngine) -> Callable[..., KnowledgeEntry]:
    """Publishes an entry and puts it into the index."""

    def make(**changed: Any) -> KnowledgeEntry:
        entry = approve(propose(content(**changed), actor=SYSTEM), actor=SYSTEM)
        index.upsert(finding.documents([entry.pk]))
        index.refresh()
        return KnowledgeEntry.objects.get(pk=entry.pk)

    return make
