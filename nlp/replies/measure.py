"""The three figures of a reply, each from 0 to 1."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from nlp.replies.content import Sentence
from nlp.text import weight
from nlp.words import content_words

_FULL_COVER = 0.35
_ENOUGH_CHARACTERS = 40
_CHARACTERS_A_DEMAND = 25
_RUN = re.compile(r"[\u4e00-\u9fff]+")
# Words of the trade: in every question or every reply, so they show nothing about the matter.
_TRADE = frozenset("反映 情况 问题 回复 留言 网友 您好 你好 领导 尊敬 政府 部门 有关 相关 工作 进行 感谢 支持 理解 监督 希望 请问 咨询 投诉 建议 解决 处理 谢谢 我们 他们 没有 可以 现在 已经 目前 "
                   "要求 按照 根据 规定 单位 群众 市民 老百姓 居民 调查 核实 公司 西地省".split())

_TRADE_WORDS = re.compile("|".join(sorted(_TRADE, key=len, reverse=True)))

Terms = dict[str, float]


def terms(text: str) -> Terms:
    """Content words with their weight, repeated ones a little more."""
    counts = Counter(word for word in content_words(text) if word not in _TRADE)
    return {word: weight(word) * (1 + math.log(count)) for word, count in counts.items()}


def cosine(a: Terms, b: Terms) -> float:
    norm = math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return sum(value * b.get(word, 0.0) for word, value in a.items()) / norm if norm else 0.0


def cover(asked: Terms, said: Terms) -> float:
    """Weighted share of the words of a demand that the reply takes up."""
    whole = sum(asked.values())
    return sum(value for word, value in asked.items() if word in said) / whole if whole else 0.0


def relevance(question: str, answer: str, content: float) -> float:
    """How much the reply is about the question, by the words and by the pairs of characters that both have.

    Pairs see that 公厕 and 公共厕所 are near; words keep pairs such as 的问 from counting much. The weights come from a
    logistic fit on answered questions against the same answers under other questions. `content` is the share of a
    reply's usual substance; a reply that says nothing is about nothing.
    """
    by_words = cosine(terms(question), terms(answer))
    by_pairs = cosine(_pairs(question), _pairs(answer))
    return min(1.0, content + 0.25) / (1 + math.exp(3.2 - 23 * by_words - 34 * by_pairs))


def _pairs(text: str) -> Terms:
    counts: Counter[str] = Counter()
    for run in _RUN.findall(_TRADE_WORDS.sub(" ", text)):
        counts.update(run[at : at + 2] for at in range(len(run) - 1))
    return {pair: 1 + math.log(count) for pair, count in counts.items()}


def substance(reply: Sequence[Sentence], demands: int = 0) -> float:
    """Characters that tell something, against what the shortest full answer to so many demands takes; at most 1."""
    said = sum(len(sentence.text) for sentence in reply if sentence.says_something)
    return min(said / (_ENOUGH_CHARACTERS + _CHARACTERS_A_DEMAND * demands), 1.0)


def answered(demand: str, said: Terms, relevant: float) -> float:
    """How far a demand is taken up, from 0 to 1: half by its own words, half by the reply being about the matter."""
    own = min(cover(terms(demand), said) / _FULL_COVER, 1.0)
    return 0.5 * own + 0.5 * relevant


def explainability(reply: Sequence[Sentence]) -> float:
    """Whether the citizen can follow: facts found, a ground or cause, what was or will be done, and when."""
    telling = [sentence for sentence in reply if sentence.says_something]
    kinds = Counter(kind for sentence in telling for kind in sentence.kinds)
    value = 0.25 * min(kinds["fact"], 2) / 2 + 0.25 * bool(kinds["ground"]) + 0.1 * bool(kinds["cause"])
    value += 0.2 * bool(kinds["action"] or kinds["refusal"] or kinds["plan"]) + 0.1 * bool(kinds["deadline"])
    characters = sum(len(sentence.text) for sentence in telling)
    return min(value + 0.2 * min(characters / 150, 1.0), 1.0)
