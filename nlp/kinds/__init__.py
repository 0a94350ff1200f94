"""What kind a report is: 咨询, 求助, 投诉, 举报, 建议, 表扬, or 其他 when nothing tells.

>>> kind_of("请问办理居住证需要哪些材料？").kind
'consult'

Two things speak: word lists (`words.py`) and what was learnt from examples (`learn.py`), which weighs the lists too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from nlp.kinds.words import KINDS, labels, spoken
from nlp.sense import judge, shipped

Name = Literal["consult", "help", "complaint", "report", "suggestion", "praise", "other"]

_OTHER = "其他"
_MOST_WORDS = 6
#: a text of fewer characters tells nothing unless a known word stands in it
_SHORTEST = 5
_UNKNOWN = 0.3
#: the most that a kind is believed for which no single word speaks
_WORDLESS = 0.5


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind, its Chinese label, a confidence from 0 to 1, and the words that decided."""

    kind: Name
    label: str
    confidence: float
    words: tuple[str, ...]


def kind_of(text: str) -> Kind:
    """The kind of a report, and how sure that is: of texts like the examples so many are right."""
    said = spoken(text)
    if len(text.strip()) < _SHORTEST and not any(one.score for one in said.values()):
        return Kind("other", _OTHER, _UNKNOWN, ())
    found = judge(text, {name: one.score for name, one in said.items()}, KINDS, shipped("kind_sense.tsv"))
    best, sure = found.best, found.shares[found.best]
    listed = said[best].words if best in said else ()
    words = tuple(dict.fromkeys((*listed, *(word for word in found.words if not any(word in one for one in listed)))))
    return Kind(
        cast(Name, best),
        labels().get(best, _OTHER),
        round(sure if words else min(sure, _WORDLESS), 3),
        words[:_MOST_WORDS],
    )
