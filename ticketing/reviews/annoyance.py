"""What annoys people: the reason of a bad review, from the option ticked first and from its words otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from nlp.keywords import distinctive

from .terms import Annoyance

#: texts of a group, and of all others, that are read for the words that tell it; words shown
MOST_TEXTS, TELLING = 300, 5

#: words that people use; the reason with most different words found wins, earlier rows win ties
_WORDS = {
    Annoyance.ATTITUDE: """
        态度 恶劣 不耐烦 蛮横 骂 吼 冷漠 凶 训斥 训我 嘲讽 挂断 挂了电话 挂我电话 粗暴 傲慢 礼貌
        爱答不理 爱理不理 阴阳怪气 语气 看不起 瞧不起 甩脸 脸色 怼 威胁
    """,
    Annoyance.NO_CONTACT: """
        没联系 未联系 没有联系 没人联系 无人联系 没打电话 没有打电话 没给我打 没接到 未接到 没有接到
        没人找我 没人给我 没有人给我 没人回复 无人回复 没人通知 没通知 没和我 没跟我 没问过我 任何联系
        没人来 没人上门 没有人来 没人问 没人回电 没有回电 没回电
    """,
    Annoyance.WRONG_UNIT: """
        推诿 皮球 推来推去 不归 派错 不是我们管 互相推 推卸 推给 推脱 推责 扯皮 转来转去 让我找
        叫我找 让我去找 让找 不属于 都说不管 都不管 职责范围 来回跑
    """,
    Annoyance.UNTRUE: """
        不属实 不符 虚假 造假 撒谎 糊弄 假的 谎 骗 胡说 瞎说 不实 不是事实 瞎编 没有的事 颠倒黑白 隐瞒
    """,
    Annoyance.PERFUNCTORY: """
        敷衍 套话 官话 复制 答非所问 应付 模板 走过场 走形式 官腔 搪塞 千篇一律 形式主义 空话 避重就轻
        打发 没有实质 正面回答 一句话
    """,
    Annoyance.DELAY: """
        拖 太慢 太久 迟迟 超时 一直没 多少天 效率 等了 半个月 一个月 好几天 几个月 逾期 超期
        不及时 磨蹭 时间长 太长 耽误 才回复 才处理 才来
    """,
    Annoyance.NOT_SOLVED: """
        没解决 未解决 没有解决 不解决 得不到解决 还是 依旧 仍然 没有处理 没处理 又 没人管 没管 不管 没修
        没弄 没改 没有改善 没变化 老样子 照样 反弹 没效果 没用 还在 没人处理 无人处理 不作为 没结果
        没有结果 没有任何 没办
    """,
}
WORDS = {reason: tuple(words.split()) for reason, words in _WORDS.items()}


def of(remark: str, options: Sequence[str] = ()) -> str:
    """The reason's code; `other` when neither option nor words say one."""
    for code in options:
        if code in Annoyance.values:
            return str(code)
    found = {reason: sum(word in remark for word in words) for reason, words in WORDS.items()}
    best = max(found, key=lambda reason: found[reason])
    return str(best) if found[best] else str(Annoyance.OTHER)


@dataclass(frozen=True)
class Group:
    """Bad reviews of one reason, unit and category: how many, and the words that tell their texts from the others'."""

    key: tuple[str, ...]
    n: int
    words: tuple[str, ...] = ()


def groups(rows: Iterable[tuple[tuple[str, ...], str]], top: int) -> list[Group]:
    """The `top` largest groups of (key, remark), most first. A word of a single text tells nothing and is not shown."""
    remarks: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for key, remark in rows:
        remarks[key].append(remark)
    largest = sorted(remarks, key=lambda key: (-len(remarks[key]), key))[:top]
    return [Group(key, len(remarks[key]), _telling(key, remarks)) for key in largest]


def _telling(key: tuple[str, ...], remarks: Mapping[tuple[str, ...], Sequence[str]]) -> tuple[str, ...]:
    inside = [text for text in remarks[key][:MOST_TEXTS] if text]
    if len(inside) < 2:
        return ()
    others = islice((text for other, texts in remarks.items() if other != key for text in texts if text), MOST_TEXTS)
    return tuple(word.word for word in distinctive(inside, others, TELLING))
