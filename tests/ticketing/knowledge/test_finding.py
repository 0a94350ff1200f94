"""Answers: what is in force and for whom, the best passage, and saying so when it does not know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from ticketing.knowledge import finding, policies
from ticketing.knowledge.models import KnowledgeEntry
from ticketing.search import engines
from ticketing.search.documents import SearchUnavailable, as_html

Publish = Callable[..., KnowledgeEntry]


def titles(text: str, *, staff: bool = False, **more: str) -> list[str]:
    return [one.entry.title for one in finding.find(text, staff=staff, **more).answers]  # type: ignore[arg-type]


def test_a_question_in_ones_own_words_finds_the_entry(published: Publish) -> None:
    published()
    published(title="停水了怎么办", category="0102", content="联系自来水公司。", keywords=["停水"])
    assert titles("您好，我想问一下我们这条街的路灯坏了该找谁呀")[0] == "路灯不亮向谁反映"
    assert finding.find("路灯坏了", staff=False).known


def test_it_says_when_it_does_not_know(published: Publish) -> None:
    published()
    found = finding.find("火星移民签证", staff=False)
    assert not found.known
    assert not finding.find("路灯下的火星移民签证怎么排队领取", staff=False).known


def test_a_synonym_is_understood(published: Publish) -> None:
    published(title="停水了怎么办", content="联系自来水公司。", keywords=["停水"])
    assert titles("断水") == ["停水了怎么办"]


def test_internal_entries_are_for_staff_only(published: Publish) -> None:
    published(public=False)
    assert titles("路灯") == []
    assert titles("路灯", staff=True) == ["路灯不亮向谁反映"]


def test_only_what_is_in_force_answers(published: Publish) -> None:
    today = timezone.localdate()
    published(title="昨天到期", valid_to=today - timedelta(days=1))
    published(title="今天到期", valid_to=today)
    published(title="明天生效", valid_from=today + timedelta(days=1))
    assert titles("路灯照明") == ["今天到期"]


def test_the_passage_is_the_best_part_of_a_long_text(published: Publish) -> None:
    published(
        title="城市照明", content="前言。" * 200 + "报修电话公布在灯杆编号牌上。" + "附则。" * 200, keywords=["灯杆"]
    )
    (answer,) = finding.find("灯杆编号牌", staff=False).answers
    assert "编号" in as_html(answer.passage)


def test_a_known_category_proposes_without_words(published: Publish) -> None:
    published(title="停水了怎么办", category="0102", keywords=[])
    published()
    assert titles("", staff=True, category="0102") == ["停水了怎么办"]


def test_guides_are_found_by_their_structured_part(published: Publish) -> None:
    details = {
        "item": "路灯迁移",
        "who": "建设单位",
        "materials": ["施工图"],
        "steps": ["申请", "勘察"],
        "limit": "五个工作日",
        "fee": "不收费",
        "window": "照明管理处",
    }
    published(title="路灯迁移办事指南", material="guide", details=details)
    assert titles("施工图") == ["路灯迁移办事指南"]


def test_without_the_engine_the_database_answers_and_says_so(published: Publish) -> None:
    published()
    published(title="内部口径", public=False)

    class Away:
        def search(self, *_: object, **__: object) -> None:
            raise SearchUnavailable("away")

    engines.use(knowledge=Away())  # type: ignore[arg-type]
    found = finding.find("路灯坏了", staff=False)
    assert found.degraded
    assert [one.entry.title for one in found.answers] == ["路灯不亮向谁反映"]


# --- policies --------------------------------------------------------------------------------------------------------


def policy(published: Publish, title: str, *conditions: tuple[str, str, object]) -> KnowledgeEntry:
    rows = [{"fact": fact, "operator": operator, "value": value} for fact, operator, value in conditions]
    return published(title=title, material="policy", details={"benefit": "补贴", "conditions": rows}, keywords=[])


def test_the_calculator_says_which_apply_which_may_and_why_not(published: Publish) -> None:
    policy(published, "用工补贴", ("employees", "at_most", 300), ("size", "in", ["小型", "微型"]))
    policy(published, "研发补助", ("high_tech", "is", True), ("rd_share", "at_least", 3))
    policy(published, "大企业奖励", ("size", "is", "大型"))
    verdicts = policies.calculate({"employees": 300.0, "size": "小型", "high_tech": True}, staff=False)
    told = {verdict.entry.title: verdict.applies for verdict in verdicts}
    assert told == {"用工补贴": True, "研发补助": None, "大企业奖励": False}
    assert [verdict.entry.title for verdict in verdicts] == ["用工补贴", "研发补助", "大企业奖励"]
    assert verdicts[1].missing == ("研发费用占营业收入比例",)
    assert verdicts[2].unmet == ("企业规模为大型",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, None), ({"employees": 299}, True), ({"employees": 300}, True), ({"employees": 301}, False)],
)
def test_a_bound_belongs_to_its_side(published: Publish, given: dict[str, object], expected: bool | None) -> None:
    entry = policy(published, "用工补贴", ("employees", "at_most", 300))
    assert policies.judge(entry, given).applies is expected
