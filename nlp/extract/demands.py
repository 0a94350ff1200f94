"""The separate demands in one text (多诉求拆分): what exactly must be answered.

A text is cut into points: at numbers and ordinals, at semicolons, at words such as 另外 that open the next matter, and
where somebody asks for one thing after the other. What asks for nothing counts only as a point of a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from nlp.data import rules
from nlp.extract import boundaries
from nlp.text import sentences, weighted_terms

_NUMBERING = re.compile(
    r"(?:^|(?<=[。；;，,：:！!？?\s]))(?:第[一二三四五六七八九十][，、,：:是点]|(?<![\d，,])\d[，,](?=[\u4e00-\u9fff])|[（(]?[一二三四五六七八九十]{1,2}[）)]?[、.．]|[（(]?\d{1,2}[）)、.．](?!\d)|[①-⑩])\s*"
)
#: numbers and ordinals without a sign before them (…条件2.我申请…, 第一个…第二个…): only where the next follow too
_RUNNING = (
    re.compile(
        r"(?<!\d)(\d)(?:[、.．](?=[\u4e00-\u9fff])|(?=[\u4e00-\u9fff])(?![元块年月日号楼栋个户人天点小米度万千百路级岁层单期次位名条平分]))"
    ),
    re.compile(
        r"第([一二三四五六七])(?:个|件|点|条|项)?[，、,：:是]?(?=[\u4e00-\u9fff])(?![次天年批期名届人医中小师代轮季])"
    ),
)
_ORDER = {char: at for at, char in enumerate("一二三四五六七", 1)} | {str(digit): digit for digit in range(1, 10)}
#: stands for the number of a point once it is cut off
_POINT = "\ue000"
_MOST = 8
_SAME = 0.6
#: characters of a text up to which boundaries are sensed; a letter tells long stories about one thing
_SENSED = 160
_DOING = ("asks", "trouble", "question", "courtesy", "plainly", "opens")
_LONG = 40
#: characters before "请" that name another thing, and those of a clause that can ask for another thing
_OWN_SUBJECT, _WORTH = 4, 8
_SHORT_LIST = 90
_EDGES = " ，,、。：:；;"
_COUNTS = {char: at for at, char in enumerate("一两三四五六", 1)} | {"二": 2, "俩": 2, "仨": 3, "几": 0}


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in rules("demands.toml")[key]))


def does(clause: str) -> dict[str, bool]:
    """What a clause does, by the lists."""
    return {name: bool(_pattern(name).search(clause)) for name in _DOING}


def demands(text: str, weights: Mapping[str, float] | None = None) -> tuple[str, ...]:
    """Demands in the words of the caller, in order, at most eight.

    A text that asks for nothing in so many words demands that its complaint be dealt with: then its most telling
    sentence is the one demand. An empty text has none. In a short text that does not say where the next demand begins
    it is sensed (`boundaries.py`; `weights` instead of the shipped ones).
    """
    if not text.strip():
        return ()
    announced = _announced(text)
    if announced == 1:
        return (_most_telling(text),)
    found = _different(_found(text))
    plain = _announced_points(text, announced) if announced > len(found) else []
    if len(plain) <= len(found):
        plain = _row_of_troubles(text)
    if len(plain) > max(len(found), 1):
        found = plain
    if len(found) <= 1 and len(text) <= _SENSED:
        sensed = _different([piece for piece in boundaries.split(text, does, weights) if _worth(piece)])
        found = sensed if len(sensed) > 1 else found
    return tuple((found or [_most_telling(text)])[:_MOST])


def _different(pieces: list[str]) -> list[str]:
    """Those that do not say again what one before them said."""
    found: list[str] = []
    for piece in pieces:
        if not any(_same(piece, earlier) for earlier in found):
            found.append(piece)
    return found


def _worth(piece: str) -> bool:
    return len(piece) >= 4 and not _pattern("courtesy").search(piece)


def _found(text: str) -> list[str]:
    pieces = _pieces(text)
    points = [piece for piece in pieces if piece.startswith(_POINT)]
    listed = len(points) > 1 and sum(map(_matters, points)) * 2 >= len(points)
    found: list[str] = []
    for at, piece in enumerate(pieces):
        asked = _asking(piece)
        point = _listed(piece, listed)
        if listed and not point and _pattern("closing").search(piece.strip(_EDGES + _POINT)):
            continue
        if not listed and not found and at and _opened(piece):
            found.append(_last_clauses(pieces[:at]))
        found += asked or ([point] if point else [])
    return [one for one in found if one]


def _matters(piece: str) -> bool:
    """Whether a point asks or tells of a trouble, and is no mere fact."""
    return any(_pattern(key).search(piece) for key in ("asks", "trouble", "plainly", "question"))


def _opened(piece: str) -> bool:
    return bool(_pattern("opens").match(piece.strip(_POINT)))


def _last_clauses(pieces: list[str]) -> str:
    """What was said before the first "另外", when it was said without asking."""
    before = pieces[-1].strip(_EDGES + _POINT)
    empty = _pattern("courtesy").search(before) or _pattern("announced").search(before)
    return before if _pattern("trouble").search(before) and not empty else ""


def _pieces(text: str) -> list[str]:
    """Sentences, cut where a number or a word such as "另外" opens the next point."""
    pieces = []
    numbered = _NUMBERING.sub(f"\n{_POINT}", text.replace("_x000D_", "\n"))
    for sentence in sentences(_semicolons(_running(numbered))):
        start = 0
        for split in _pattern("splits").finditer(sentence):
            if split.start() - start >= 4:
                pieces.append(sentence[start : split.start()])
                start = split.start()
        pieces.append(sentence[start:])
    return [piece.strip(_EDGES) for piece in pieces if len(piece.strip(_EDGES)) >= 4]


def _semicolons(text: str) -> str:
    """What stands between semicolons is a list too."""
    if _POINT in text or not re.search("[；;].*[\u4e00-\u9fff]", text):
        return text
    return "\n".join(
        _POINT + part if ";" in line or "；" in line else part
        for line in re.split("(?<=[。！!？?\n])", text)
        for part in re.split("[；;]", line)
    )


def _running(text: str) -> str:
    """Cut at numbers 1, 2, … that follow each other in running text."""
    for pattern in _RUNNING:
        marks = list(pattern.finditer(text))
        wanted, kept = 1 + text.count(_POINT), []
        for mark in marks:
            if _ORDER[mark.group(1)] == wanted:
                kept.append(mark)
                wanted += 1
        if len(kept) > 1 or (len(kept) == 1 and _POINT in text):
            for mark in reversed(kept):
                text = f"{text[: mark.start()]}\n{_POINT}{text[mark.end() :]}"
    return text


def _listed(piece: str, numbered: bool) -> str:
    """The piece when it is a point of a numbered list, or opened by 另外 and the like: it wants its own answer."""
    if (numbered and piece.startswith(_POINT)) or _opened(piece):
        bare = piece.strip(_EDGES + _POINT)
        return "" if _pattern("courtesy").search(bare) else bare
    return ""


def _asking(piece: str) -> list[str]:
    """The stretches of clauses that ask for a thing beyond attention, each from before what it asks to where the next
    begins; none if nothing is asked."""
    parts = re.split(r"(?<=[，,：:；;])", piece.strip(_POINT))
    asking = [at for at, clause in enumerate(parts) if _asks(clause)]
    if not asking:
        return []
    first = asking[0] if len(piece) > _LONG and len(parts[asking[0]]) > 12 else max(asking[0] - 1, 0)
    found, start = [], first
    for at, following in pairwise(asking):
        if _another(parts[at], parts[at + 1 : following], parts[following]):
            found.append("".join(parts[start : at + 1]))
            start = at + 1
    found.append("".join(parts[start : asking[-1] + 1]))
    return [one.strip(_EDGES) for one in found]


def _another(clause: str, between: list[str], following: str) -> bool:
    """Whether the next clause that asks is another matter: a trouble of its own stands between, or both ask alike."""
    if _pattern("besides").search(following):
        return True
    if between:
        new = any(_pattern("trouble").search(one) or _pattern("besides").search(one) for one in between)
        return new and bool(_pattern("plainly").search(following))
    if all(_pattern("trouble").search(one) and _pattern("plainly").search(one) for one in (clause, following)):
        return True
    if _pattern("question").search(clause) and _pattern("question").search(following):
        return True
    first, second = _pattern("plainly").search(clause), _pattern("plainly").search(following)
    if first is None or second is None:
        return False
    return second.start() >= _OWN_SUBJECT or (first.group() == second.group() and len(following) >= _WORTH)


def _asks(clause: str) -> bool:
    bare = re.sub(r"[\s!！。?？…~，,：:；;]+$", "", clause)
    return bool(_pattern("asks").search(clause.strip(" ，,：:；;")) and not _pattern("courtesy").search(bare))


def _announced(text: str) -> int:
    """How many matters the text says it has (反映两件事); 0 when it does not say."""
    told = _pattern("announced").search(text)
    if told is None:
        return 0
    number = next((char for char in told.group() if char in _COUNTS or char.isdigit()), "几")
    return int(number) if number.isdigit() else _COUNTS[number]


def _announced_points(text: str, count: int) -> list[str]:
    """As many clauses as were announced: what follows the announcement, or all of the text."""
    told = _pattern("announced").search(text)
    rest = text[told.end() :] if told and told.start() < len(text) / 2 else text[: told.start()] if told else text
    clauses = _plain_clauses(rest)
    return clauses[:count] if len(clauses) >= count else []


def _row_of_troubles(text: str) -> list[str]:
    """A short text that is nothing but troubles in a row, each of another thing: 垃圾没人收，路灯不亮，窗户关不上."""
    if len(text) > _SHORT_LIST:
        return []
    clauses = _plain_clauses(text)
    alone = all(
        _pattern("trouble").search(one) and not _pattern("follows").search(one) and not _asks(one) for one in clauses
    )
    return clauses if alone and len(clauses) > 1 else []


def _plain_clauses(text: str) -> list[str]:
    clauses = (
        _pattern("opens").sub("", clause.strip(_EDGES), 1).strip(_EDGES)
        for clause in re.split(r"[，,；;。：:、！!？?\n]", text)
    )
    return [
        clause
        for clause in clauses
        if len(clause) >= 3 and not _pattern("courtesy").search(clause) and not _pattern("closing").search(clause)
    ]


def _same(a: str, b: str) -> bool:
    first, second = weighted_terms(a), weighted_terms(b)
    if not first or not second:
        return a == b
    shared = sum(value for word, value in first.items() if word in second)
    return shared / max(sum(first.values()), sum(second.values())) >= _SAME


def _most_telling(text: str) -> str:
    pieces = _pieces(text) or [text.strip()]
    return max(pieces, key=lambda piece: sum(weighted_terms(piece).values()) / (len(piece) + 20)).strip(_POINT)
