"""From a question to terms: sayings, telling words, and the file anyone can edit."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from ticketing.knowledge import asking


def same(text: str) -> set[str]:
    return {word for term in asking.terms(text) for word in term.same}


def test_a_saying_stands_for_the_terms_of_the_entries() -> None:
    assert {"电动自行车", "登记上牌"} <= same("电瓶车怎么上牌照")
    assert "转学" in same("想给孩子换个学校")


def test_the_words_of_a_saying_are_not_looked_for_themselves() -> None:
    assert "电瓶" not in same("电瓶车怎么上牌照")


def test_words_that_only_ask_or_tell_times_say_nothing() -> None:
    assert same("请问我们现在应该怎么办") == set()
    assert "晚上" not in same("晚上医院开门吗")


def test_a_saying_may_have_a_gap_of_six_characters() -> None:
    known = asking.read_sayings("把…开除 = 辞退\n# 注释 = 无\n没有等号的行\n")
    ((pattern, meant),) = known.known
    assert meant == ("辞退",)
    assert pattern.search("公司把我们几个开除了")
    assert not pattern.search("公司把我们所有的老员工都开除了")


def test_an_edited_file_takes_the_place_of_the_shipped_one_at_once(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA = tmp_path
    assert "新词条" not in same("老说法")
    (tmp_path / "search").mkdir()
    (tmp_path / "search" / "sayings.txt").write_text("老说法 = 新词条\n", encoding="utf-8")
    assert "新词条" in same("老说法")


@pytest.mark.parametrize("text", ["", " ", "。。。", "\x00", "a" * 5000, "🚲🚲"])
def test_odd_questions_are_only_text(text: str) -> None:
    asking.terms(text)
