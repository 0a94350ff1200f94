"""Every rule with the examples written beside it, and whole reports with their level and line."""

from __future__ import annotations

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


@pytest.mark.parametrize("level", ["urgent", "normal"])
def test_reports(level: str) -> None:
    wrong = []
    for line, text in ((line, text) for wanted, line, text in CASES if wanted == level):
        found = assess(text)
        if found.level != level or (line != "*" and (found.handover or "-") != line):
            wrong.append((text, found.level, found.handover, found.rules))
    assert wrong == []


def test_a_danger_is_handed_to_the_line_that_it_belongs_to() -> None:
    named = [(line, text) for level, line, text in CASES if level == "critical" and line != "*"]
    other = [(text, line, found) for line, text in named if (found := assess(text).handover) != line]
    assert len(other) <= 0.02 * len(named), other


def test_words_of_danger_that_mean_none_are_not_critical() -> None:
    texts = [text for level, _, text in CASES if level == "less"]
    assert [text for text in texts if assess(text).level == "critical"] == []


def test_danger_to_life_is_hardly_ever_missed() -> None:
    texts = [text for level, _, text in CASES if level == "critical"]
    assert sum(assess(text).level == "critical" for text in texts) >= 0.98 * len(texts)


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
    ],
)
def test_a_bad_rule_is_named(change: dict[str, object], message: str) -> None:
    entry = {"id": "x", "level": "urgent", "why": "w", "any": ["a"], "positive": ["a"], "negative": ["b"]}
    with pytest.raises(BadRule, match=message):
        parse({**entry, **change}, {})
