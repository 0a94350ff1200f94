"""Leaving rules out by the characters that they need must not change what is found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.needs import needed
from nlp.urgency.rulebook import rulebook


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("着火", {"着"}),
        ("着火|(?:冒|窜)出?浓烟", {"着", "浓"}),
        ("[瓦煤]斯", {"斯"}),
        ("(?:的){0,3}", None),
        ("的|.{2}", None),
        ("[^的]", None),
        ("(?!没)有人溺水", {"溺"}),
        ("(?:砸|压)+到", {"砸", "压"}),
    ],
)
def test_the_rarest_demand_is_taken(pattern: str, expected: set[str] | None) -> None:
    assert needed(pattern) == (None if expected is None else frozenset(expected))


@pytest.mark.parametrize("rule", rulebook(), ids=lambda rule: rule.id)
@settings(max_examples=10)
@given(data=st.data())
def test_every_match_has_one_of_them(rule: object, data: st.DataObject) -> None:
    pattern: re.Pattern[str] = rule.pattern  # type: ignore[attr-defined]
    characters = needed(pattern.pattern)
    assert characters, "a rule that is tried on every text"
    text = data.draw(st.from_regex(pattern, fullmatch=True))
    assert not characters.isdisjoint(text)
