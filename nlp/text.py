"""Small things that every language function needs: sentences, clauses, and how much a word says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from nlp.words import content_words

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")
_CLAUSE = re.compile(r"[^，,。！？!?；;：:\n]+")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}


def narrow(text: str) -> str:
    """`text` with full-width letters, digits and signs as narrow ones. The length stays the same."""
    return text.translate(_FULL_WIDTH)


def sentences(text: str) -> list[str]:
    """Sentences with their end marks, without surrounding blanks."""
    return [sentence for part in _SENTENCE.findall(text) if (sentence := part.strip())]


def clauses(text: str) -> Iterator[tuple[int, str]]:
    """Clauses with their positions."""
    for found in _CLAUSE.finditer(text):
        yield found.start(), found.group()


@cache
def _weights() -> tuple[dict[str, float], float]:
    table = {}
    for line in files("jieba.analyse").joinpath("idf.txt").read_text("utf-8").splitlines():
        word, weight = line.split(" ")
        table[word] = float(weight)
    return table, sorted(table.values())[len(table) // 2]


def weight(word: str) -> float:
    """How much a word says, from its rarity in general Chinese (about 3 to 14); unknown words count as the median."""
    table, median = _weights()
    return table.get(word, median)


def is_ordinary(word: str, rarest: float = 8.75) -> bool:
    """Whether `word` is an ordinary word, at most as rare as `rarest`. Personal names are rarer."""
    return _weights()[0].get(word, 99.0) <= rarest


def rarity_of(word: str) -> float | None:
    """`weight` of a word of general Chinese; None of what is no word of it."""
    return _weights()[0].get(word)


def weighted_terms(text: str) -> dict[str, float]:
    """Content words of `text` with their weights, each once."""
    return {word: weight(word) for word in content_words(text)}
