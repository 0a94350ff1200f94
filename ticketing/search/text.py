"""Words, sounds and passages: everything about text that both engines share.

Both sides (index and query) are segmented here, so the engines only split at spaces and find the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from nlp.segment import segment

from .documents import Fragment

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_TRADITIONAL = {
    ord(pair[0]): ord(pair[1])
    for line in (Path(__file__).parent / "data" / "traditional.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for pair in line.split()
}
_FOLDED = _FULL_WIDTH | _TRADITIONAL
_ANY_TRADITIONAL = re.compile(f"[{''.join(map(chr, _TRADITIONAL))}]")
_WORD = re.compile(r"[0-9a-z\u3400-\u9fff\U00020000-\U0002ffff]")
_HAN_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]{2,}")
_HAN = re.compile(r"^[\u3400-\u9fff\U00020000-\U0002ffff]+$")
# words without meaning of their own: searching for them finds everything
_STOP = frozenset("的了是在和与及或也都就把被对向从到于以为而但着过吧吗呢啊呀们之其此该这那")  # all single characters
LONGEST_TYPED = 80
_PLACE_ENDINGS = "省市区县乡镇村路街巷道里园"


def normalise(text: str) -> str:
    """Half-width, simplified, lower case; the length does not change, so positions stay those of the original."""
    return _lower(text.translate(_FOLDED))


def _lower(text: str) -> str:
    low = text.lower()
    return low if len(low) == len(text) else text


def has_words(text: str) -> bool:
    """Whether there is a letter, a digit or a Chinese character to look for."""
    return bool(_WORD.search(normalise(text)))


def words(text: str) -> list[str]:
    """The searchable words of a text in their order."""
    return [word for word in segment(normalise(text)) if word not in _STOP and _WORD.search(word)]


@lru_cache(maxsize=131_072)
def is_han(word: str) -> bool:
    return bool(_HAN.match(word))


@lru_cache(maxsize=131_072)
def parts(word: str) -> tuple[str, ...]:
    """The two-character pieces of a longer Chinese word (郑州市 → 郑州, 州市)."""
    if len(word) < 3 or not is_han(word):
        return ()
    return tuple(word[at : at + 2] for at in range(len(word) - 1))


def pairs(text: str) -> list[str]:
    """All pairs of neighbouring Chinese characters, each once.

    The same characters are cut differently in different sentences (路灯|不亮, 路|灯不亮). With the pairs a
    text is found by what stands in it, however it was cut.
    """
    found: dict[str, None] = {}
    for run in _HAN_RUN.findall(normalise(text)):
        found.update(dict.fromkeys(map("".join, pairwise(run))))
    return list(found)


def _syllables(text: str) -> list[str]:
    """Loaded on first use: the table of pronunciations takes longer to load than a command takes to start."""
    from pypinyin import lazy_pinyin

    return list(lazy_pinyin(text))


@lru_cache(maxsize=131_072)
def sound(word: str) -> str:
    """Pinyin without tones, run together; "" for what is not Chinese."""
    return "".join(_syllables(word)) if is_han(word) else ""


def place_names(found: list[str]) -> list[str]:
    """The words of a place with endings put back that were cut off (航海 路 → 航海路)."""
    names: list[str] = []
    for word in found:
        if names and len(word) == 1 and word in _PLACE_ENDINGS and is_han(names[-1]):
            names[-1] += word
        else:
            names.append(word)
    return list(dict.fromkeys(names))


@lru_cache(maxsize=16_384)
def spellings(place: str) -> tuple[str, ...]:
    """How a place is typed on a keyboard: 花园路 → huayuanlu, huayuan, hyl."""
    if len(place) < 2 or not is_han(place):
        return ()
    syllables = _syllables(place)
    found = ["".join(syllables), "".join(syllable[0] for syllable in syllables)]
    if len(place) > 2 and place[-1] in _PLACE_ENDINGS:
        found.append("".join(syllables[:-1]))
    return tuple(dict.fromkeys(found))


def typed_so_far(text: str) -> str:
    """What is to be completed; "" for nothing and for what is longer than anything there is to complete."""
    typed = normalise(text).strip()
    return typed if len(typed) <= LONGEST_TYPED else ""


def highlight(text: str, sought: Iterable[str], *, width: int = 90) -> tuple[Fragment, ...]:
    """The passage of about `width` characters with the most different words sought, cut into hits and the rest.

    Without any occurrence the beginning of the text is given.
    """
    # looking whether there is anything to translate costs far less than translating
    marks = _marks(normalise(text) if _ANY_TRADITIONAL.search(text) else _lower(text), sought)
    start = _best_start(marks, width) if len(text) > width else 0
    end = min(len(text), start + width)
    pieces: list[Fragment] = [Fragment("…")] if start else []
    at = start
    for left, right, _ in marks:
        if left < at or right > end:
            continue
        if left > at:
            pieces.append(Fragment(text[at:left]))
        pieces.append(Fragment(text[left:right], hit=True))
        at = right
    if at < end:
        pieces.append(Fragment(text[at:end]))
    if end < len(text):
        pieces.append(Fragment("…"))
    return tuple(pieces)


def _marks(text: str, sought: Iterable[str]) -> list[tuple[int, int, str]]:
    """Where the words stand, without overlaps; a longer word wins over a shorter one at the same place."""
    found: list[tuple[int, int, str]] = []
    for word in sought:
        size = len(word)
        at = text.find(word) if size else -1
        while at >= 0:
            found.append((at, at + size, word))
            at = text.find(word, at + size)
    if len(found) < 2:
        return found
    found.sort(key=_by_place)
    kept: list[tuple[int, int, str]] = []
    end = 0
    for mark in found:
        if mark[0] >= end:
            kept.append(mark)
            end = mark[1]
    return kept


def _by_place(mark: tuple[int, int, str]) -> tuple[int, int]:
    return mark[0], -mark[1]


def _best_start(marks: list[tuple[int, int, str]], width: int) -> int:
    """Where the passage begins: at the first mark from which on it holds the most different words."""
    most = len({word for _, _, word in marks})
    best, start = 0, 0
    for at, (left, _, _) in enumerate(marks):
        inside = {word for _, end, word in marks[at : at + 40] if end <= left + width - 10}
        if len(inside) > best:
            best, start = len(inside), left
            if best == most:
                break
    return 0 if start < width // 2 else start - 10
