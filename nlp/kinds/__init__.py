"""What kind a report is: 咨询, 求助, 投诉, 举报, 建议, 表扬, or 其他 when nothing tells.

>>> kind_of("请问办理居住证需要哪些材料？").kind
'consult'

Two things speak: word lists (`words.py`) and what was learnt from examples (`learn.py`), which weighs the lists too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, cast

from nlp.kinds.words import KINDS, Spoken, labels, spoken
from nlp.sense import judge, shipped

Name = Literal["consult", "help", "complaint", "report", "suggestion", "praise", "other"]

_OTHER = "其他"
_MOST_WORDS = 6
#: a text of fewer characters tells nothing unless a known word stands in it
_SHORTEST = 5
_UNKNOWN = 0.3
#: the most that a kind is believed for which no single word speaks
_WORDLESS = 0.5
#: a text of more characters is a letter, and so many of its first ones are its title and beginning
_LETTER, _LEAD, _TITLE = 160, 60, 24
#: the most that a word list counts in a letter, and how much likelier a kind is when the opening calls the text so
_MOST, _CALLED_SO = 12.0, 20.0
#: the share that words of thanks count in a letter: most thank in advance
_THANKS = 0.2
_COURTESY = re.compile(
    "(?:尊敬的|敬爱的)[^，。！,：:]{0,12}[：:，,]?|(?:您|你)们?好[！!，,。]?"
    "|(?:非常|十分|衷心|首先|真诚)*(?:地)?感谢[^，。！!,]{0,16}(?:百忙|抽空|来信|关注|阅读|关心|支持|重视)[^，。！!,]*[，。！!,]?"
)
_CALLED = {
    "投诉": "complaint",
    "举报": "report",
    "咨询": "consult",
    "建议": "suggestion",
    "表扬": "praise",
    "求助": "help",
}
_OPENING = re.compile(
    rf"(?:我|我们|本人|实名|您好|你好|要|想|来|一下|关于|对|，|,|：|:|\s)*(?P<word>{'|'.join(_CALLED)})"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind, its Chinese label, a confidence from 0 to 1, and the words that decided."""

    kind: Name
    label: str
    confidence: float
    words: tuple[str, ...]


def _declared(text: str, said: dict[str, Spoken], shares: dict[str, float]) -> dict[str, float]:
    """What was said in a letter, heard over all of it, counts as much as how its opening sounds; and what a text calls
    itself first (举报…, 咨询…) counts most."""
    heard = {name: min(one.score, _MOST) * (_THANKS if name == "praise" else 1) for name, one in said.items()}
    odds = {name: share * math.exp(heard.get(name, 0.0) / 2) for name, share in shares.items()}
    if told := _OPENING.match(text[:_TITLE]):
        odds[_CALLED[told["word"]]] *= _CALLED_SO
    return {name: odd / sum(odds.values()) for name, odd in odds.items()}


def kind_of(text: str) -> Kind:
    """The kind of a report, and how sure that is: of texts like the examples so many are right.

    A letter is judged by its opening, without its courtesies, and by the word lists.
    """
    if letter := len(text) > _LETTER:
        text = _COURTESY.sub("", text)
    said = spoken(text)
    if len(text.strip()) < _SHORTEST and not any(one.score for one in said.values()):
        return Kind("other", _OTHER, _UNKNOWN, ())
    found = judge(
        text[:_LEAD] if letter else text,
        {name: one.score for name, one in said.items()},
        KINDS,
        shipped("kind_sense.tsv"),
    )
    shares = _declared(text, said if letter else {}, found.shares)
    best = max(shares, key=lambda name: shares[name])
    sure = shares[best]
    listed = said[best].words if best in said else ()
    words = tuple(dict.fromkeys((*listed, *(word for word in found.words if not any(word in one for one in listed)))))
    return Kind(
        cast(Name, best),
        labels().get(best, _OTHER),
        round(sure if words else min(sure, _WORDLESS), 3),
        words[:_MOST_WORDS],
    )
