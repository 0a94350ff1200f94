"""One door to segmentation for the language functions of this package.

Imported lazily: the dictionary costs half a second to load and most imports never need it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Protocol, cast

#: A province, city, district or county written as a code ("A市", "A3区") or shortened after one: says where a message
#: was filed, not what it is about.
REGION_CODE = re.compile(r"(?:[A-Z]\d{0,3}[市区县]{1,2})+")


class _Cutter(Protocol):
    def __call__(self, text: str, hmm: bool = True) -> list[str]: ...


@cache
def _cutter() -> _Cutter:
    import rjieba

    return cast(_Cutter, rjieba.cut)


def words(text: str) -> list[str]:
    """Words of `text` in order, punctuation included."""
    return _cutter()(text)


def is_dictionary_word(text: str) -> bool:
    """Whether the whole of `text` is one word of the dictionary, not one guessed from its characters."""
    return len(_cutter()(text, False)) == 1


def content_words(text: str) -> list[str]:
    """Words that can carry meaning: two characters or more, no bare numbers, no region codes."""
    cleaned = REGION_CODE.sub(" ", "".join(text.split()))
    return [word for word in words(cleaned) if len(word) > 1 and not word.isdigit()]
