"""What sort of answer a question wants: a time, a yes or no, an amount, a way, a reason, a decision, an inquiry.

A reply may name the matter, be dated and polite, and still tell only how large the park is. Whether the sort of
answer is there is looked for outside the clause that repeats the question (`data/replies.toml`, `[asked]`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nlp.data import rules

#: the clause that says which matter is answered: it repeats the question and tells nothing
_ECHO = re.compile(
    r"(?:关于|针对|对于|就)?(?:您|你)?们?(?:所)?(?:在[^。，！；]{2,20})?"
    r"(?:反映|反应|提出|提的|咨询|留言|来信|投诉|询问|所问|诉求|关于|问)[^。，！；]{0,70}[。，！；]"
)
_HEAD = 70


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of answer: how a question asks for it, and by what an answer shows that it is given."""

    name: str
    hint: str
    question: re.Pattern[str]
    answer: re.Pattern[str]


@cache
def _sorts() -> tuple[Sort, ...]:
    known = rules("replies.toml")["asked"]
    return tuple(
        Sort(name, one["hint"], re.compile(one["question"]), re.compile(one["answer"])) for name, one in known.items()
    )


def without_echo(reply: str) -> str:
    """The reply without the clause at its beginning that repeats the question."""
    head = _ECHO.sub("", reply[:_HEAD], count=1)
    return head + reply[_HEAD:]


def missing(question: str, reply: str) -> Iterator[Sort]:
    """Sorts of answer that the question wants and the reply lacks."""
    rest = without_echo(reply)
    return (sort for sort in wanted(question) if not sort.answer.search(rest))


def wanted(question: str) -> list[Sort]:
    return [sort for sort in _sorts() if sort.question.search(question)]


def given(question: str, reply: str) -> float:
    """Share of the wanted sorts of answer that the reply has; a half where the question wants none in particular."""
    asked = len(wanted(question))
    return 1 - len(list(missing(question, reply))) / asked if asked else 0.5
