"""From a question to terms: matters, and its telling words."""

from __future__ import annotations

import pytest

from ticketing.knowledge import asking

pytestmark = pytest.mark.django_db  # whether a place is ours is asked of the directory


def same(text: str) -> set[str]:
    return {word for term in asking.terms(text) for word in term.same}


def test_everyday_words_stand_for_the_terms_of_the_entries() -> None:
    assert {"电动自行车", "登记上牌"} <= same("电瓶车怎么上牌照")
    assert "转学" in same("想给孩子换个学校")


def test_words_that_only_ask_or_tell_times_say_nothing() -> None:
    assert same("请问我们现在应该怎么办") == set()
    assert "晚上" not in same("晚上医院开门吗")


def test_another_place_means_elsewhere_in_a_matter_between_places() -> None:
    assert "异地就医" in same("我在哈尔滨住院，医保回来能报销吗")


@pytest.mark.parametrize("text", ["", " ", "。。。", "\x00", "a" * 5000, "🚲🚲"])
def test_odd_questions_are_only_text(text: str) -> None:
    asking.terms(text)
