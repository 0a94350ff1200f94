"""What annoys people: the reason of a bad review, from the option ticked first and from its words otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from .terms import Annoyance

#: words that people use; the reason with most different words found wins, earlier rows win ties
WORDS: dict[str, tuple[str, ...]] = {
    Annoyance.ATTITUDE: ("态度", "恶劣", "不耐烦", "蛮横", "骂", "吼", "冷漠", "凶"),
    Annoyance.NO_CONTACT: ("没联系", "未联系", "没有联系", "没人联系", "没打电话", "没有接到电话", "从未联系"),
    Annoyance.WRONG_UNIT: ("推诿", "踢皮球", "推来推去", "不归", "派错", "不是我们管", "互相推"),
    Annoyance.UNTRUE: ("不属实", "不符", "虚假", "造假", "撒谎", "糊弄", "假的", "谎"),
    Annoyance.PERFUNCTORY: ("敷衍", "套话", "官话", "复制", "答非所问", "应付", "模板"),
    Annoyance.DELAY: ("拖", "太慢", "太久", "迟迟", "超时", "一直没", "多少天", "效率"),
    Annoyance.NOT_SOLVED: ("没解决", "未解决", "没有解决", "还是", "依旧", "仍然", "没有处理", "没处理", "又"),
}


def of(remark: str, options: Sequence[str] = ()) -> str:
    """The reason's code; `other` when neither option nor words say one."""
    for code in options:
        if code in Annoyance.values:
            return str(code)
    found = {reason: sum(word in remark for word in words) for reason, words in WORDS.items()}
    best = max(found, key=lambda reason: found[reason])
    return str(best) if found[best] else str(Annoyance.OTHER)


def groups(rows: Iterable[tuple[str, ...]]) -> list[tuple[Any, ...]]:
    """Rows such as (reason, unit, category) of bad reviews → each with how many, most first."""
    counted = Counter(rows)
    return [(*key, n) for key, n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]
