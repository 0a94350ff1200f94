"""Every rule with the examples written beside it, and whole reports with their level and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.urgency import Fired, assess
from nlp.urgency.rulebook import BadRule, Rule, parse, rulebook

RULES = rulebook()
CASES = [
    tuple(line.split("|", 2))
    for line in (Path(__file__).parent / "urgency_cases.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def fired(text: str) -> set[str]:
    return {one.rule for one in assess(text).rules}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule in RULES for text in rule.positive])
def test_rule_fires(rule: Rule, text: str) -> None:
    assert rule.id in fired(text)


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule in RULES for text in rule.negative])
def test_rule_stays_silent(rule: Rule, text: str) -> None:
    assert rule.id not in fired(text)
