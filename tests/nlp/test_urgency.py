"""Every rule with the examples written beside it, and whole reports with their level and line."""

from __future__ import annotations

from collections import Counter

import pytest

from nlp.data import lines
from nlp.urgency import Fired, assess
from nlp.urgency.rulebook import BadRule, Rule, parse, rulebook

RULES = rulebook()
CASES = [tuple(line.split("|", 2)) for line in lines("urgency_examples.txt")]


def fired(text: str) -> set[str]:
    return {one.rule for one in assess(text).rules}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_keeps_its_own_examples(rule: Rule) -> None:
    assert [text for text in rule.positive if rule.id not in fired(text)] == []
    assert [text for text in rule.negative if rule.id in fired(text)] == []


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 300
    assert sum(level == "critical" for level, _, _ in CASES) >= 150
    assert sum(level == "normal" for level, _, _ in CASES) >= 100


def test_examples_come_out_as_they_say() -> None:
    """In one pass over all. Most of the newer ones were written by people who did not know the rules."""
    counts = Counter[str]()
    strayed, silent, alarms = [], [], []
    for level, line, text in CASES:
        found = assess(text)
        counts[level] += 1
        if level == "critical":
            named = found.level == level and line != "*"
            counts["named"] += named
            silent += [text] if found.level != level else []
            strayed += [(text, line, found.handover)] if named and found.handover != line else []
        elif found.level == "critical":
            alarms.append(text)
        elif level != "less":
            counts["judged"] += 1
            counts["as told"] += found.level == level
    assert len(silent) <= 0.02 * counts["critical"], silent
    assert len(alarms) <= 0.02 * (len(CASES) - counts["critical"]), alarms
    assert len(strayed) <= 0.02 * counts["named"], strayed
    assert counts["as told"] >= 0.9 * counts["judged"]


@pytest.mark.parametrize(
    ("report", "spoken"),
    [
        ("家里漏气了", "critical"),
        ("没有漏气", "normal"),
        ("并没有发现漏气", "normal"),
        ("去年漏气过一次", "normal"),
        ("漏气的地方已经修好了", "normal"),
        ("漏气到现在还没修好，家里有燃气味", "critical"),
        ("去年着过火", "normal"),
        ("去年着过火，今天又着火了", "critical"),
        ("万一着火怎么办", "normal"),
    ],
)
def test_negation_and_time(report: str, spoken: str) -> None:
    assert assess(report).level == spoken


def test_a_finding_tells_words_and_why() -> None:
    found = assess("楼道里煤气味很重")
    assert found.rules[0] == Fired("gas_leak", found.rules[0].words, "燃气泄漏可能爆炸或使人中毒")
    assert "煤气" in found.rules[0].words
    assert found.handover == "119"
    assert found.suspected_110


def test_police_matters_are_marked_without_hurry() -> None:
    found = assess("投诉派出所不作为，报案半年没有立案")
    assert (found.level, found.handover, found.suspected_110) == ("normal", None, True)


def test_services_stay_with_the_hotline() -> None:
    found = assess("整个小区停水两天了")
    assert (found.level, found.handover, found.suspected_110) == ("urgent", None, False)


def test_an_incident_deep_in_a_long_letter_is_no_emergency() -> None:
    letter = "我们小区的物业服务一直不好，" * 20 + "。楼下的饭店发生火灾。希望整顿物业。"
    assert assess(letter).level == "normal"
    assert assess(letter + "现在楼下正在着火！").level == "critical"


@pytest.mark.parametrize(
    ("level", "report"),
    [
        ("critical", "楼道里煤气味很重，请尽快处理。另外路灯也不亮。"),
        ("critical", "小区路灯坏了，另外有个老人晕倒在电梯口没反应了"),
        ("normal", "路灯不亮。另外楼道里没有煤气味了"),
    ],
)
def test_another_matter_does_not_soften_a_danger(level: str, report: str) -> None:
    assert assess(report).level == level


def test_empty_text_is_normal() -> None:
    assert assess("") == assess("  ")
    assert assess("").rules == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": "high"}, "level is 'high'"),
        ({"handover": "112"}, "handover is '112'"),
        ({"guards": ["perhaps"]}, "unknown guards perhaps"),
        ({"any": ["("]}, "bad pattern"),
        ({"negative": []}, "positive and negative examples"),
        ({"why": ""}, "rule x: why is missing"),
        ({"any": "a"}, "any must be a list"),
        ({"any": ["{nobody}b"]}, "no words are called nobody"),
        ({"unles": ["a"]}, "unknown field unles; accepted are id, level"),
        ({"reach": "20"}, "reach is '20'; accepted is a whole number"),
    ],
)
def test_a_bad_rule_is_named(change: dict[str, object], message: str) -> None:
    entry = {"id": "x", "level": "urgent", "why": "w", "any": ["a"], "positive": ["a"], "negative": ["b"]}
    with pytest.raises(BadRule, match=message):
        parse({**entry, **change}, {})
