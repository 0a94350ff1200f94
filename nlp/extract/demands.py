"""The separate demands in one text (多诉求拆分): what exactly must be answered."""

from __future__ import annotations

import re
from functools import cache

from nlp.data import rules
from nlp.text import sentences, weighted_terms

_NUMBERING = re.compile(
    r"(?:^|(?<=[。；;，,：:！!？?\s]))(?:第[一二三四五六七八九十][，、,：:是点]|(?<![\d，,])\d[，,](?=[\u4e00-\u9fff])|[（(]?[一二三四五六七八九十]{1,2}[）)]?[、.．]|[（(]?\d{1,2}[）)、.．](?!\d)|[①-⑩])\s*"
)
#: stands for the number of a point once it is cut off
_POINT = "\ue000"
_MOST = 8
_SAME = 0.6
_LONG = 40


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in rules("demands.toml")[key]))


def demands(text: str) -> tuple[str, ...]:
    """Demands in the words of the caller, in order, at most eight.

    A text that asks for nothing in so many words demands that its complaint be dealt with: then its most telling
    sentence is the one demand. An empty text has none.
    """
    found: list[str] = []
    listed = len(_NUMBERING.findall(text)) > 1
    for piece in _pieces(text):
        asked = _asking(piece) or _listed(piece, listed)
        if asked and not any(_same(asked, earlier) for earlier in found):
            found.append(asked)
    if not found:
        found = [_most_telling(text)] if text.strip() else []
    return tuple(found[:_MOST])


def _pieces(text: str) -> list[str]:
    """Sentences, cut where a number or a word such as "另外" opens the next point."""
    pieces = []
    for sentence in sentences(_NUMBERING.sub(f"\n{_POINT}", text.replace("_x000D_", "\n"))):
        start = 0
        for split in _pattern("splits").finditer(sentence):
            if split.start() - start >= 6:
                pieces.append(sentence[start : split.start()])
                start = split.start()
        pieces.append(sentence[start:])
    return [piece.strip(" ，,、。：:") for piece in pieces if len(piece.strip(" ，,、。：:")) >= 4]


def _listed(piece: str, numbered: bool) -> str:
    """The piece when it is a point of a numbered list, or opened by 另外 and the like: it wants its own answer."""
    if (numbered and piece.startswith(_POINT)) or _pattern("opens").match(piece):
        bare = piece.strip(f" ，,：:{_POINT}")
        return "" if _pattern("courtesy").search(bare) else bare
    return ""


def _asking(piece: str) -> str:
    """The clauses from before the first to the last that ask for a thing beyond attention; empty if none does."""
    parts = re.split(r"(?<=[，,：:])", piece.strip(_POINT))
    asking = [at for at, clause in enumerate(parts) if _asks(clause)]
    if not asking:
        return ""
    first = asking[0] if len(piece) > _LONG and len(parts[asking[0]]) > 12 else max(asking[0] - 1, 0)
    return "".join(parts[first : asking[-1] + 1]).strip(" ，,：:")


def _asks(clause: str) -> bool:
    bare = re.sub(r"[\s!！。?？…~，,：:]+$", "", clause)
    return bool(_pattern("asks").search(clause.strip(" ，,：:")) and not _pattern("courtesy").search(bare))


def _same(a: str, b: str) -> bool:
    first, second = weighted_terms(a), weighted_terms(b)
    if not first or not second:
        return a == b
    shared = sum(value for word, value in first.items() if word in second)
    return shared / max(sum(first.values()), sum(second.values())) >= _SAME


def _most_telling(text: str) -> str:
    pieces = _pieces(text) or [text.strip()]
    return max(pieces, key=lambda piece: sum(weighted_terms(piece).values()) / (len(piece) + 20)).strip(_POINT)
