"""What the sentences of a reply do: say something, refuse, give a ground, promise, or only sound."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlp.data import rules
from nlp.text import sentences

_KINDS = (
    "formal",
    "handed_on",
    "empty",
    "refusal",
    "ground",
    "cause",
    "fact",
    "action",
    "plan",
    "deadline",
    "elsewhere",
    "rude",
)
_SIGNATURE = re.compile(r"\d{4}[年/.\-]\d{1,2}[月/.\-]\d{1,2}日?\s*$")
_OPENING = re.compile(r"^\s*(?:尊敬的|亲爱的)?[“\"']?(?:网友|网民|市民|UU\d+)[”\"']?[^，。！：:]{0,16}[：:！，,]?\s*")
_GAP = re.compile(r"[\u3000\xa0]{2,}| {3,}")
_FOLLOWS = re.compile(r"((?:回复|答复|汇报|反馈|说明|解答|情况)如下)[：:，,]")
_SUBSTANCE = 12
_STRONG = frozenset({"fact", "action", "ground", "refusal", "cause", "plan"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and what it does."""

    text: str
    kinds: frozenset[str]

    @property
    def says_something(self) -> bool:
        """Whether it tells the citizen anything about the matter."""
        if self.kinds & {"formal", "handed_on"} and not self.kinds & {"action", "refusal", "ground"}:
            return False
        if "empty" in self.kinds and not self.kinds & {"fact", "action", "ground", "refusal", "deadline"}:
            return False
        if "elsewhere" in self.kinds and not self.kinds & _STRONG:
            return False
        return len(self.text) >= 6


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    data = rules("replies.toml")
    return {kind: re.compile("|".join(f"(?:{part})" for part in data[kind])) for kind in _KINDS}


def read(reply: str) -> list[Sentence]:
    """The sentences of a reply without address and date of signature."""
    body = _SIGNATURE.sub("", _OPENING.sub("", reply.replace("_x000D_", "\n").strip(), count=1))
    body = _FOLLOWS.sub(r"\1。", _GAP.sub("\n", body))
    return [Sentence(text, _kinds(text)) for text in sentences(body)]


def _kinds(text: str) -> frozenset[str]:
    """What a sentence does. "formal" and "handed_on" hold only if nothing of substance stands beside them."""
    patterns = _patterns()
    clauses = [bare for clause in re.split(r"[，,。！!；;：:]", text) if (bare := clause.strip())]
    idle = [clause for clause in clauses if patterns["formal"].search(clause) or patterns["handed_on"].search(clause)]
    kinds = {kind for kind, pattern in patterns.items() if pattern.search(text.strip(" 。！!；;，,"))}
    kinds |= {kind for kind in ("formal", "handed_on") if any(patterns[kind].search(clause) for clause in idle)}
    if sum(map(len, clauses)) - sum(map(len, idle)) >= _SUBSTANCE:
        kinds -= {"formal", "handed_on"}
    return frozenset(kinds)
