"""Personal data in text (隐私): found with their kind and place, and masked before anything becomes public.

Kinds: phone, landline, id_card (also passport, social security and driving licence, where the text says so), bank_card,
plate, email, account (WeChat, QQ), door, name. Offsets refer to the text as given; masking keeps the length of every
finding and finds nothing a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nlp.privacy import numbers
from nlp.privacy.doors import doors
from nlp.privacy.masks import MASKS
from nlp.privacy.names import persons
from nlp.privacy.numbers import is_card_number, is_id_number
from nlp.text import narrow

__all__ = ["Found", "find", "is_card_number", "is_id_number", "mask"]

_SEARCHES: tuple[tuple[str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    ("email", numbers.emails),
    ("id_card", numbers.ids),
    ("phone", numbers.phones),
    ("account", numbers.accounts),
    ("bank_card", numbers.cards),
    ("plate", numbers.plates),
    ("landline", numbers.landlines),
    ("door", doors),
    ("name", persons),
)
#: a mask may make a neighbour look different; after so many rounds nothing has ever been left
_ROUNDS = 5


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One piece of personal data: `text[start:end]` of the text that was searched."""

    start: int
    end: int
    kind: str
    text: str


def find(text: str) -> tuple[Found, ...]:
    """Personal data in `text`, in order and without overlaps; of two kinds that claim the same text the surer wins."""
    plain = narrow(text)
    taken: list[Found] = []
    used: set[int] = set()
    for kind, search in _SEARCHES:
        for start, end in search(plain):
            if used.isdisjoint(range(start, end)):
                used.update(range(start, end))
                taken.append(Found(start, end, kind, text[start:end]))
    return tuple(sorted(taken))


def mask(text: str) -> str:
    """`text` with what `find` finds made unreadable; enough stays to recognise one's own data. Same length."""
    for _ in range(_ROUNDS):
        every = find(text)
        if not every:
            break
        out = list(text)
        for found in every:
            out[found.start : found.end] = MASKS[found.kind](found.text)
        text = "".join(out)
    return text
