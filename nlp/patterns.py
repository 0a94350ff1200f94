"""Regular expressions that people type into a page: refused where they might hang, fire on everything or are broken.

Python's engine tries one way after the other and cannot be stopped. So the ways in which a pattern may match at one
spot are bounded before it is used: repetitions name their most, stand behind a single character and are not nested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from nlp.needs import codes, parser

#: characters of a pattern
LONGEST = 300
#: times that a single character may be repeated
MOST_TIMES = 30
#: ways of matching that one spot of a text may have: a text of 3,000 characters then costs a second at the very worst
MOST_WAYS = 2_000
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_SINGLE = (codes.LITERAL, codes.NOT_LITERAL, codes.IN, codes.ANY)
_LOOKS = (codes.ASSERT, codes.ASSERT_NOT)
_FEW = r"[^。！？!?；;\n没未]{0,8}"
#: names of word groups in the shipped rule files
_NAMED = re.compile(r"\{[a-z_]+\}")
_ANYWHERE = None  # a branch that may begin with any character


class BadPattern(ValueError):
    """The pattern is refused; the message says in Chinese why, and what is accepted."""


def checked(pattern: str) -> re.Pattern[str]:
    """The compiled pattern. Raises `BadPattern`."""
    if found := _NAMED.search(pattern):
        raise BadPattern(f"“{found.group()}”一类的词组名只能在随产品的规则文件里使用，请直接写出这些词")
    if len(pattern) > LONGEST:
        raise BadPattern(f"太长（{len(pattern)} 字），最多 {LONGEST} 字，请拆成几行")
    try:
        compiled, parsed = re.compile(pattern), parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise BadPattern(f"不是正确的正则表达式：{_chinese(error)}") from None
    if compiled.search(""):
        raise BadPattern("什么字都没有也会命中，等于对所有诉求生效；请写出必须出现的字")
    if _ways(parsed) > MOST_WAYS:
        raise BadPattern(f"可能的匹配方式超过 {MOST_WAYS} 种，会拖慢受理；请减少“{{0,10}}”一类的范围，或拆成几行")
    return compiled


def spelled_out(pattern: str) -> str:
    """`…` stands for up to eight characters of one sentence without a negation, which is what is meant most often."""
    return re.sub("…+", _FEW, pattern)


def joined(patterns: Sequence[str]) -> re.Pattern[str]:
    """Several patterns of which one must match, each good on its own. Raises `BadPattern`, which names the pattern."""
    for pattern in patterns:
        try:
            checked(spelled_out(pattern))
        except BadPattern as error:
            raise BadPattern(f"“{pattern[:40]}”{error}") from None
    whole = "|".join(f"(?:{spelled_out(pattern)})" for pattern in patterns)
    if _ways(parser.parse(whole)) > MOST_WAYS:
        raise BadPattern(f"各行合起来可能的匹配方式超过 {MOST_WAYS} 种，会拖慢受理；请分成几条规则")
    return re.compile(whole)


_SAID = {
    "unterminated character set": "“[”没有对应的“]”",
    "missing ), unterminated subpattern": "“(”没有对应的“)”",
    "unbalanced parenthesis": "“)”多余",
    "nothing to repeat": "“*”“+”“?”前面没有字",
    "multiple repeat": "“*”“+”“?”连着写了两次",
    "bad escape": "“\\”后面的字不能这样用",
    "bad character range": "“[…]”里的范围写反了",
    "min repeat greater than max repeat": "“{m,n}”里 m 大于 n",
}


def _chinese(error: Exception) -> str:
    text = str(error)
    said = next((chinese for english, chinese in _SAID.items() if text.startswith(english)), text)
    at = getattr(error, "pos", None)
    return said if at is None else f"{said}（第 {at + 1} 个字符处）"


def _ways(items: Iterable[Any]) -> int:
    """In how many ways a row of parts may match at one spot, at most."""
    ways = 1
    for op, value in items:
        ways *= _of(op, value)
        if ways > MOST_WAYS:
            break
    return ways


def _of(op: Any, value: Any) -> int:
    if op in _SINGLE or op is codes.AT:
        return 1
    if op is codes.SUBPATTERN:
        return _ways(value[-1])
    if op is codes.BRANCH:
        return _together(value[1])
    if op in _LOOKS:
        return _ways(value[1])
    if op in _REPEATS:
        return _repeated(*value)
    raise BadPattern("不支持反向引用、条件等写法；可用：文字、“|”、“(…)”、“[…]”、“.”、“?”、“{m,n}”")


def _repeated(least: int, most: Any, items: Sequence[Any]) -> int:
    if (least, most) == (0, 1):
        return 1 + _ways(items)
    if most is codes.MAXREPEAT or most > MOST_TIMES:
        raise BadPattern(f"重复要写明最多几次（不超过 {MOST_TIMES}），例如把“.*”写成“.{{0,10}}”")
    if len(items) != 1 or items[0][0] not in _SINGLE:
        raise BadPattern("只有单个字或“[…]”“.”可以重复，一组字“(…)”只能加“?”")
    return int(most) - int(least) + 1


def _together(branches: Sequence[Any]) -> int:
    """Of alternatives only those count together that may begin with the same character."""
    by_first: dict[str | None, int] = {}
    for branch in branches:
        for first in _first(branch):
            by_first[first] = by_first.get(first, 0) + _ways(branch)
    everywhere = by_first.pop(_ANYWHERE, 0)
    return max(1, max(by_first.values(), default=0) + everywhere)


def _first(branch: Sequence[Any]) -> frozenset[str | None]:
    """The characters that a branch may begin with, `_ANYWHERE` when that is not plain."""
    if not branch:
        return frozenset({_ANYWHERE})
    op, value = branch[0]
    if op is codes.LITERAL:
        return frozenset({chr(value)})
    if op is codes.IN and all(kind is codes.LITERAL for kind, _ in value):
        return frozenset(chr(code) for _, code in value)
    return frozenset({_ANYWHERE})
