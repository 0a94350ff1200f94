"""What people may type as a pattern, and what is refused before it can hang."""

from __future__ import annotations

import pytest

from nlp.patterns import BadPattern, checked


@pytest.mark.parametrize(
    "pattern",
    ["危化品", "(?:氯气|液氨).{0,10}(?:泄漏|跑出来)", "[东西]站台", "塌了?", "(?!没)漏氨", "a|ab|abc", "井盖(?:被)?偷"],
)
def test_what_is_accepted(pattern: str) -> None:
    assert checked(pattern).pattern == pattern


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(a+)+b", "最多几次"),
        (".*漏", "最多几次"),
        ("(?:ab?){0,20}c", "只有单个字"),
        ("(?:a|a){5}", "只有单个字"),
        (r"(漏)\1", "反向引用"),
        ("a{0,40}b", "不超过 30"),
        (".{0,20}a.{0,20}b.{0,20}c", "匹配方式超过"),
        ("(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)b", "匹配方式超过"),
        ("漏?", "什么字都没有也会命中"),
        ("", "什么字都没有也会命中"),
        ("漏|", "什么字都没有也会命中"),
        ("[漏", "“[”没有对应的“]”（第 1 个字符处）"),
        ("(漏", "“(”没有对应的“)”"),
        ("漏)", "“)”多余"),
        ("*漏", "前面没有字"),
        ("漏" * 301, "最多 300 字"),
    ],
)
def test_what_is_refused_and_why(pattern: str, said: str) -> None:
    with pytest.raises(BadPattern) as refused:
        checked(pattern)
    assert said in str(refused.value)


def test_the_worst_that_is_accepted_does_not_hang() -> None:
    worst = checked("a{0,29}a{0,29}b|b.{0,29}a.{0,29}c")
    assert worst.search("a" * 3000) is None
