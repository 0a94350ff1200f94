"""Two versions side by side: what changed is marked, what did not is not, and everything is said in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from directory.models import Role, Staff
from ticketing.knowledge import comparing, editing
from ticketing.knowledge.models import KnowledgeEntry
from ticketing.knowledge.rules import Content
from ticketing.lifecycle.actors import Actor

Publish = Callable[..., KnowledgeEntry]


def test_only_what_differs_is_marked() -> None:
    before, after = comparing.marked("三日内修复，免费。", "五日内修复，免费。")
    assert [piece.text for piece in before if piece.hit] == ["三日"]
    assert [piece.text for piece in after if piece.hit] == ["五日"]
    assert "".join(piece.text for piece in after) == "五日内修复，免费。"


@pytest.mark.parametrize(("old", "new"), [("", "新"), ("旧", ""), ("甲。乙。" * 2000, "甲。丙。" * 2000), ("", "")])
def test_texts_of_any_length_come_out_whole(old: str, new: str) -> None:
    before, after = comparing.marked(old, new)
    assert "".join(piece.text for piece in before) == old
    assert "".join(piece.text for piece in after) == new


def test_a_new_version_is_shown_beside_the_published_one(
    published: Publish, content: Callable[..., Content], editor: Actor
) -> None:
    entry = published()
    version = editing.propose(content(entry, category="0102", public=False), actor=editor, entry=entry)
    rows = {row.label: row for row in comparing.compared(version)}
    assert {label for label, row in rows.items() if row.changed} == {"类目", "公开"}
    assert "".join(piece.text for piece in rows["类目"].after) == "市政设施/供水"
    page = Client()
    page.force_login(Staff.objects.get(username=f"t-{Role.KNOWLEDGE_EDITOR}"))
    shown = page.get(f"/knowledge/edit/versions/{version.pk}/").content.decode()
    assert "<del>是</del>" in shown and "<ins>否</ins>" in shown
    assert "本人编写的内容须由另一人审核" in shown
    assert "valid_from" not in shown


def test_the_author_sees_what_was_sent_back_and_why(
    content: Callable[..., Content], editor: Actor, second: Actor, index: object
) -> None:
    version = editing.propose(content(), actor=editor)
    editing.reject(version, actor=second, remark="缺少依据")
    browser = Client()
    browser.force_login(Staff.objects.get(username=f"t-{Role.KNOWLEDGE_EDITOR}"))
    assert "缺少依据" in browser.get("/knowledge/edit/").content.decode()
    assert "缺少依据" in browser.get(f"/knowledge/edit/{version.entry.code}/").content.decode()
    browser.force_login(Staff.objects.get(username="t-second"))
    assert "缺少依据" not in browser.get("/knowledge/edit/").content.decode()
