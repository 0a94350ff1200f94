"""Whether words in a text mean that a thing is happening: negation, past, settled, only feared, only talked about.

Each guard is one excuse. The words that make it up are data (`nlp/data/readings.toml`); where they must stand is here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

from nlp.data import rules
from nlp.needs import Characters, needed

_LETTER = 220
_LEAD = 80
_REACH = 30
_NEARBY = 45
_ENDS = "。！？!?；;\n"
_COMMA = re.compile(r"[，,：:]")
_PAUSE = re.compile(r"[，,、：:]")


@cache
def _reading(name: str) -> re.Pattern[str]:
    """A reading of `readings.toml`."""
    return re.compile("|".join(f"(?:{part})" for part in rules("readings.toml")[name]))


@dataclass(frozen=True)
class Spot:
    """Words in a text, with the sentence around them."""

    text: str
    start: int
    end: int

    @cached_property
    def first(self) -> int:
        """Where the sentence begins."""
        return max((self.text.rfind(mark, 0, self.start) for mark in _ENDS), default=-1) + 1

    @cached_property
    def last(self) -> int:
        """Where the sentence ends."""
        stops = [at for at in (self.text.find(mark, self.end) for mark in _ENDS) if at >= 0]
        return min(stops, default=len(self.text))

    @property
    def around(self) -> tuple[int, int]:
        """The part of the sentence near the words: a caller's sentence may be a whole page with commas."""
        return max(self.first, self.start - _NEARBY), min(self.last, self.end + _NEARBY)

    @property
    def words(self) -> str:
        return self.text[self.start : self.end]

    @property
    def before(self) -> str:
        return self.text[self.first : self.start]

    @property
    def after(self) -> str:
        return self.text[self.end : self.last]

    @property
    def sentence(self) -> str:
        return self.text[self.first : self.last]


def holds(spot: Spot, guards: frozenset[str], unless: re.Pattern[str] | None) -> bool:
    """Whether the words speak of a thing that is so now, by the `guards` that the rule wants."""
    if unless and unless.search(spot.text, *spot.around):
        return False
    return not any(_EXCUSES[guard](spot) for guard in guards)


#: readings that say of a whole report whether it is going on, over, asked about, or only talked about
SIGNS = (
    *("present", "long_past", "recent_past", "experienced", "settled", "cleared", "settled_before", "unsettled"),
    *("advice", "unhurt", "calls", "talk", "asks", "asked_for", "hearsay", "aftermath", "feared"),
)


_PAST = frozenset({"long_past", "recent_past", "experienced"})


@cache
def _looked_for() -> tuple[tuple[str, Characters | None, re.Pattern[str]], ...]:
    """Each sign, the characters that a text with it cannot be without, and its words."""
    return tuple((name, needed(_reading(name).pattern), _reading(name)) for name in SIGNS)


def signs(text: str) -> tuple[str, ...]:
    """The readings of `SIGNS` that occur anywhere in the text; a word of now overrules those of the past."""
    characters = frozenset(text)
    tried = ((name, words) for name, needs, words in _looked_for() if needs is None or not needs.isdisjoint(characters))
    found = [name for name, words in tried if words.search(text)]
    return tuple(name for name in found if name not in _PAST or "present" not in found)


def speaks_of_now(text: str) -> bool:
    return bool(_reading("present").search(text))


def excused(text: str) -> bool:
    """Whether a whole short report is about what is over, only asked about, heard of, or feared."""
    if _reading("calls").search(text):
        return bool(_reading("settled").search(text))
    if _told(Spot(text, 0, 0)) or (_reading("asks").search(text) and _reading("asked_for").search(text)):
        return True
    if _reading("settled").search(text) and not _reading("unsettled").search(text):
        return True
    mild = any(_reading(name).search(text) for name in ("long_past", "dated", "advice", "unhurt"))
    return mild and not speaks_of_now(_reading("ever_since").sub("", text))


def _negated(spot: Spot) -> bool:
    if _reading("negated_before").search(spot.before) or _reading("negated_after").search(spot.after):
        return True
    return bool(_reading("denied").match(spot.text[spot.end : spot.last + _REACH]))


def _long_letter(spot: Spot) -> bool:
    """Told in passing, deep in a long letter: who is in danger does not write a page first."""
    deep = len(spot.text) > _LETTER and spot.first > _LEAD
    return deep and not _reading("present").search(spot.sentence)


def _talk(spot: Spot) -> bool:
    """In the clause of the words or the one before; asked for information; hearsay; or what became of it long after."""
    if _told(spot):
        return True
    clause = "".join(_COMMA.split(spot.before)[-2:]) + spot.words + _COMMA.split(spot.after)[0]
    return bool(_reading("talk").search(clause))


def _told(spot: Spot) -> bool:
    if _reading("aftermath").search(spot.sentence):
        return True
    if _reading("present").search(spot.before + spot.words):
        return False
    asks = _reading("asks").search(spot.before) and _reading("asked_for").search(spot.words + spot.after)
    return bool(asks or _reading("hearsay").search(spot.sentence))


def _feared(spot: Spot) -> bool:
    """Fear reaches over one comma, unless a word such as 正在 stands behind it."""
    clauses = _PAUSE.split(spot.before)
    near = clauses[-1]
    if len(clauses) > 1 and not _reading("present").search(near):
        whole = _reading("fears").search(clauses[-2])
        near = (clauses[-2] if whole else clauses[-2][-12:]) + near
    if _reading("feared").search(near) or _reading("asked").search(spot.words):
        return True
    return bool(_reading("feared_after").search(spot.after))


def _settled(spot: Spot) -> bool:
    """The rest of the sentence, the beginning of the next, or what stands before says that it is over."""
    rest = spot.text[spot.end : spot.last + _REACH]
    if _reading("cleared").search(rest):
        return True
    if any(_reading("settled_before").search(part) for part in (spot.before, spot.words[-12:-2])):
        return True
    return bool(_reading("settled").search(rest)) and not _reading("unsettled").search(rest)


def _past(spot: Spot) -> bool:
    """Long ago, or happened once. A word such as 正在 or 又 after the date says that it goes on."""
    if _reading("experienced").search(spot.text, spot.start, min(spot.end + 2, len(spot.text))):
        return not _reading("present").search(_since(spot))
    if _reading("past_after").search(spot.after) or _reading("dated").search(spot.words + spot.after[:12]):
        return True
    return bool(_reading("long_past").search(spot.before)) and not _goes_on(spot)


def _recent(spot: Spot) -> bool:
    """Lately, and over."""
    return bool(_reading("recent_past").search(spot.before)) and not _goes_on(spot)


def _goes_on(spot: Spot) -> bool:
    following = _PAUSE.split(spot.after)[0]
    return bool(_reading("present").search(_since(spot)) or _reading("present_after").search(following))


def _since(spot: Spot) -> str:
    """From the last word of long ago, or from the beginning of the clause, to the words."""
    dates = [found.end() for found in _reading("long_past").finditer(spot.before)]
    return spot.before[dates[-1] :] if dates else _PAUSE.split(spot.before)[-1]


_EXCUSES: dict[str, Callable[[Spot], bool]] = {
    "negated": _negated,
    "letter": _long_letter,
    "talk": _talk,
    "feared": _feared,
    "settled": _settled,
    "past": _past,
    "recent": _recent,
}
GUARDS = frozenset(_EXCUSES)
