"""A city's own urgency rules: used beside the shipped ones, and tested before they count."""

from __future__ import annotations

from typing import Any

import pytest

from nlp.patterns import BadPattern, joined, spelled_out
from nlp.urgency import assess
from nlp.urgency.rulebook import Rule, parse
from nlp.urgency.trial import failures


def rule(**changes: Any) -> Rule:
    entry = {
        "id": "own_lamp",
        "level": "critical",
        "handover": "119",
        "why": "堆场测温灯",
        "sure": True,
        "any": [spelled_out("测温灯…(?:红|闪)")],
        "positive": ["堆场测温灯一直闪红光", "测温灯变红了"],
        "negative": ["去年测温灯红过一次", "测温灯没有变红"],
    }
    return parse(entry | changes, {})


def test_an_own_rule_counts_like_a_shipped_one() -> None:
    text = "堆场测温灯一直闪红光"
    assert assess(text).level == "normal"
    found = assess(text, (rule(),))
    assert (found.level, found.handover, found.rules[0].why) == ("critical", "119", "堆场测温灯")
    assert failures(rule()) == ()


def test_each_wrong_sentence_is_named() -> None:
    wrong = failures(rule(positive=["堆场测温灯一直闪红光", "厂里拉汽笛"], negative=["测温灯闪了三次"]))
    assert [(one.kind, one.sentence) for one in wrong] == [("silent", "厂里拉汽笛"), ("fires", "测温灯闪了三次")]


def test_a_positive_sentence_must_reach_the_level() -> None:
    ugly = ["小区门口新装的警报器太难看了"]
    doubted = failures(rule(any=["警报器"], sure=False, positive=ugly, negative=["路灯坏了"]))
    assert [(one.kind, one.found.level) for one in doubted] == [("silent", "normal")]


def test_sentences_of_other_rules_are_left_alone() -> None:
    wrong = failures(rule(any=["天然气开户"], guards=["negated"], positive=["天然气开户"], negative=["路灯坏了"]))
    assert [(one.kind, one.rule, one.sentence) for one in wrong] == [("spoils", "gas_leak", "请问天然气开户流程")]
    other = rule(id="own_other", any=["汽笛"], positive=["汽笛"], negative=["堆场测温灯闪红光"])
    assert [one.rule for one in failures(rule(), [other])] == ["own_other"]


def test_patterns_of_a_rule_are_checked_together() -> None:
    assert joined(["警报", "拉…汽笛"]).search("又拉起了汽笛")
    assert not joined(["警报", "拉…汽笛"]).search("拉起来就没有汽笛声")
    with pytest.raises(BadPattern, match=r"“汽\.\*”重复要写明"):
        joined(["警报", "汽.*"])
    with pytest.raises(BadPattern, match="词组名"):
        joined(["{gas}"])
    with pytest.raises(BadPattern, match="各行合起来"):
        joined([f"[汽警].{{0,29}}{mark}.{{0,29}}鸣" for mark in "甲乙丙丁"])
