"""What the sentences of a reply do: say something, refuse, give a ground, promise, or only sound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from nlp.data import rules
from nlp.text import sentences

_KINDS = (
    "formal",
    "handed_on",
    "empty",
    "beside",
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
_LONG_ENOUGH = 30
_ENDED = re.compile(
    r"[。！？!?；;…”\"’）)】~]$|\d{4}\s*[年/.\-]\s*\d{1,2}\s*[月/.\-]\s*\d{1,2}\s*日?$|\d{7,8}$"
    r"|[○〇零一二三四五六七八九十]{1,3}日$|(?:局|办|委|府|厅|处|科|队|院|校|社|会|站|公司|中心|办公室|街道|社区|乡|镇|村|所|段)$"
    r"|(?:谢谢|感谢|特此(?:回复|答复|说明)|此复|支持|理解|监督|愉快|敬礼|安康|进步|幸福)$"
)
_CLOSED = re.compile(
    r"感谢|谢谢|祝您|祝你|此复|特此|敬礼|欢迎(?:您|你)?|如有(?:疑问|不明|需要|其他|任何)|电话[:：]?\s*[\d*(（]|理解与?支持|\d{4}\s*[年/.\-]\s*\d{1,2}\s*[月/.\-]\s*\d{1,2}"
    r"|日$|(?:局|办|委|政府|厅|处|公司|中心|办公室|街道|乡|镇)$"
)
_DATED = re.compile(r"(?:\d{4}\s*[年/.\-]\s*\d{1,2}\s*[月/.\-]\s*\d{1,2}\s*日?|[○〇零一二三四五六七八九十]{1,3}日)\s*$")
_NAMES_MATTER = re.compile(r"反映|来信|留言|来帖|来电|诉求|咨询|提出的|所提|所说|关于|针对|就您|您说的|您问")
_HEAD = 60
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
        if "beside" in self.kinds and not self.kinds & {"action", "ground", "refusal", "plan", "cause"}:
            return False
        if "elsewhere" in self.kinds and not self.kinds & _STRONG:
            return False
        return len(self.text) >= 6


def beside(reply: Sequence[Sentence]) -> list[Sentence]:
    """The sentences that praise the unit or lecture the citizen and say nothing of the matter."""
    return [sentence for sentence in reply if "beside" in sentence.kinds and not sentence.says_something]


def breaks_off(reply: str) -> bool:
    """Whether the text ends in the middle of a sentence: no full stop, signature or date at its end."""
    told = reply.strip()
    return len(told) >= _LONG_ENOUGH and _ENDED.search(told[-24:]) is None


def closes(reply: str) -> bool:
    """Whether it ends as letters do: thanks, an offer, a signature or a date."""
    return _CLOSED.search(reply.strip()[-70:]) is not None


def dated(reply: str) -> bool:
    """Whether it ends with the date of its signature."""
    return _DATED.search(reply.strip()) is not None


def names_matter(reply: str) -> bool:
    """Whether its beginning says which matter it answers."""
    return _NAMES_MATTER.search(reply.strip()[:_HEAD]) is not None


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
