"""The rules of an entry: each one refused by name, and all at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ticketing.search.city import City
from ticketing.knowledge.rules import Checker, Refused

from .conftest import fields

POLICY = {"benefit": "补贴", "conditions": [{"fact": "employees", "operator": "at_most", "value": 300}]}


def refused(**changed: Any) -> set[str]:
    with pytest.raises(Refused) as told:
        Checker().check(fields(**changed))
    return {problem.field for problem in told.value.problems}


def test_a_good_entry_passes_and_is_normalised(city: City) -> None:
    made = Checker().check(
        fields(
            category="/市政设施/路灯/",
            material="热点问答",
            keywords="路灯，照明,路灯",
            public="是",
            owner="市城管局",
        )
    )
    assert (made.category, made.material, made.owner) == ("0108", "question", "URBAN")
    assert made.keywords == ("路灯", "照明")
    assert made.public


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 129}, "title"),
        ({"category": "01"}, "category"),  # not a leaf
        ({"category": "城乡建设"}, "category"),
        ({"category": "城乡建设/没有"}, "category"),
        ({"content": " "}, "content"),
        ({"owner": "没有的单位"}, "owner"),
        ({"material": "小说"}, "material"),
        ({"keywords": ["字" * 21]}, "keywords"),
        ({"keywords": ["路灯不亮向谁反映"]}, "keywords"),
        ({"keywords": [f"词{at}" for at in range(21)]}, "keywords"),
        ({"valid_from": "上周"}, "valid_from"),
        ({"valid_to": "2019-12-31"}, "valid_to"),
        ({"review_on": ""}, "review_on"),
        ({"colour": "red"}, "colour"),
        ({"details": {"item": "x"}}, "details"),  # not a guide
        ({"material": "guide", "details": {"item": "只有事项"}}, "details"),
        ({"material": "policy"}, "details"),
        ({"material": "policy", "details": POLICY | {"extra": 1}}, "details"),
        ({"material": "policy", "details": {"benefit": "x", "conditions": [{"fact": "moon"}]}}, "details"),
        ({"material": "policy", "details": {"benefit": "x", "conditions": []}}, "details"),
    ],
)
def test_a_broken_rule_names_its_field(city: City, changed: dict[str, Any], field: str) -> None:
    assert field in refused(**changed)


@pytest.mark.parametrize(
    ("fact", "operator", "value"),
    [
        ("employees", "is", 3),
        ("employees", "at_least", "many"),
        ("employees", "at_least", True),
        ("high_tech", "is", "yes"),
        ("high_tech", "at_least", True),
        ("size", "is", "巨型"),
        ("size", "at_most", "小型"),
        ("moon", "is", 1),
        ("size", "like", "小型"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(city: City, fact: str, operator: str, value: object) -> None:
    details = {"benefit": "x", "conditions": [{"fact": fact, "operator": operator, "value": value}]}
    assert refused(material="policy", details=details) == {"details"}


def test_every_broken_rule_is_told_at_once(city: City) -> None:
    assert refused(title="", category="x", owner="y", keywords=["字" * 30]) == {
        "title",
        "category",
        "owner",
        "keywords",
    }


def test_a_title_is_taken_once_in_the_base_and_in_a_file(city: City) -> None:
    checker = Checker()
    checker.check(fields())
    with pytest.raises(Refused, match="标题已存在"):
        checker.check(fields())


def test_a_policy_with_conditions_passes(city: City) -> None:
    assert Checker().check(fields(material="policy", details=POLICY)).details == POLICY
