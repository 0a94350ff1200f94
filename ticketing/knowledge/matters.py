"""What matter a question is about: a table of everyday words beside the official ones.

A person says 隔壁做饭，烟都灌到我屋里; the entry says 餐饮油烟扰民. No word is shared, but the words together name the
matter, and the matter has official words. The table (`data/matters.txt`) belongs to no entry and no tree of
categories: an entry of any city is found by the official words in its title and keywords.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import log2
from pathlib import Path

from ticketing.search.text import is_han, normalise, sound

from . import lists
from .resemblance import Bags
from .whole import Text

_LETTERS = re.compile("[a-z]+")
_BETWEEN = re.compile("[…&]")
_PAUSE = re.compile("[,.!?;:，。！？；：、 ]")  # "…" does not reach beyond it
_LONGEST_PIECE = 12
_GAP, _AROUND = 6, 12  # characters that "…" may stand for, and within which "&" looks
#: from so much on a matter is recognised: one word that names it, or two or three hints together
RECOGNISED = 0.9
#: of several matters those count that are nearly as strong as the strongest, and so many at most
_NEAR, _MOST = 0.7, 3
_NEXT_NAME = 0.3  # what a second word that names the matter adds
_LONGER, _LONG = 0.12, 0.36  # a longer word says more: per character beyond two, at most
_LOOSE = {2: 0.4, 3: 0.25}  # a pattern of so few characters says less: they may stand near each other by chance
_HINT, _LETTER = 0.42, 0.25  # a hint; a hint of one character
#: a text in which nothing is heard is about the matter that it resembles so much, and so much more than any other
_ALIKE, _CLEARLY = 0.42, 1.4
#: what resemblance adds to the strength of a matter that was heard
_BESIDE = 0.4
#: what stands just after a word of wanting is what is asked for: 注册了公司，现在想注销
_WISH = re.compile("想要?|怎么|咋|如何|去哪|到哪|申请")
_WANTED, _SOON = 0.25, 2  # what it adds, and how many characters may stand between
_SHARED, _LEAST = 0.15, 0.4  # a word of several matters says less of each: per doubling, at least


@dataclass(frozen=True, slots=True)
class Matter:
    """`official`: words of titles and keywords, the most telling first; none for what is no matter of a hotline."""

    official: tuple[str, ...]
    names: tuple[str, ...]
    hints: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """A matter recognised in a text; `said` are the words that named it."""

    matter: Matter
    strength: float
    said: tuple[str, ...]

    @property
    def foreign(self) -> bool:
        """No matter of a hotline: the weather, a recipe."""
        return not self.matter.official


#: where the pieces of a pattern stand in the text
Spans = tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Votes:
    names: list[tuple[Spans, float]] = field(default_factory=list)
    hints: list[tuple[Spans, float]] = field(default_factory=list)


#: a piece of a pattern: any of these words
Piece = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Use:
    """What a word votes for when the further pieces of its pattern stand near it."""

    rest: tuple[Piece, ...]
    ordered: bool
    number: int
    naming: bool
    pattern: str


class Table:
    """All matters, with an index from first words to what they vote for."""

    def __init__(self, matters: tuple[Matter, ...], classes: Mapping[str, Piece]) -> None:
        self.matters = matters
        self._uses: defaultdict[str, dict[tuple[str, int], _Use]] = defaultdict(dict)
        sharers: defaultdict[str, set[int]] = defaultdict(set)
        for number, matter in enumerate(matters):
            for patterns, naming in ((matter.hints, False), (matter.names, True), (matter.official, True)):
                for pattern in patterns:
                    sharers[pattern].add(number)
                    first, *rest = (classes.get(piece, (piece,)) for piece in _BETWEEN.split(pattern))
                    use = _Use(tuple(rest), "&" not in pattern, number, naming, pattern)
                    for word in first:
                        self._uses[word][pattern, number] = use
        self._longest = max(map(len, self._uses), default=0)
        self._sounded: dict[str, set[int]] | None = None
        self._bags = Bags([(number, bag) for number, one in enumerate(matters) for bag in _bags(one)])
        self._shares = {pattern: max(_LEAST, 1 - _SHARED * log2(len(found))) for pattern, found in sharers.items()}

    def heard(self, text: str) -> list[Heard]:
        """The matters recognised in `text` (normalised), strongest first."""
        votes: defaultdict[int, _Votes] = defaultdict(_Votes)
        for spans, size, use in self._found(Text(text)):
            share = self._shares[use.pattern]
            if use.naming:
                weight = 1 + min(_LONG, _LONGER * max(0, size - 2)) - (_LOOSE.get(size, 0.0) if use.rest else 0.0)
                votes[use.number].names.append((spans, share * weight))
            else:
                votes[use.number].hints.append((spans, share * (_HINT if size > 1 else _LETTER)))
        found = {number: self._judged(number, vote, text) for number, vote in votes.items()}
        known = {number: one for number, one in found.items() if one.strength >= RECOGNISED}
        alike = self._bags.likeness(text) if len(known) > 1 else {}
        kept = [replace(one, strength=one.strength + _BESIDE * alike.get(number, 0.0)) for number, one in known.items()]
        kept.sort(key=lambda one: -one.strength)
        return [one for one in kept if one.strength >= _NEAR * kept[0].strength][:_MOST]

    def resembling(self, text: str) -> list[Heard]:
        """The matter that all of `text` together speaks of, for texts in which nothing was heard; at most one."""
        ranked = sorted(self._bags.likeness(text).items(), key=lambda one: -one[1])
        if not ranked or ranked[0][1] < _ALIKE:
            return []
        if len(ranked) > 1 and ranked[0][1] < _CLEARLY * ranked[1][1]:
            return []
        runs, said = self._bags.runs(text, ranked[0][0]), Text(text)
        if len(runs) == 1 and not said.cut(*runs[0]):
            return []  # 子黄了 in 叶子黄了 is no word of it
        return [Heard(self.matters[ranked[0][0]], 1.0, ())]

    def sounding(self, text: str) -> list[Heard]:
        """Matters whose words `text` has by sound only: 公基金, gongjijin. For texts in which nothing was heard."""
        said, typed = spoken(text), "".join(_LETTERS.findall(text))
        found: dict[int, str] = {}
        for word, numbers in self._sounds().items():
            if word in said or (typed and word.replace("'", "") in typed):
                for number in numbers:
                    found[number] = max(found.get(number, ""), word, key=len)
        longest = max(map(len, found.values()), default=0)
        kept = [number for number, word in found.items() if len(word) == longest]
        return [Heard(self.matters[number], 1.0, ()) for number in kept[:_MOST]]

    def _sounds(self) -> dict[str, set[int]]:
        """Sound of each official word of three characters and more, and of each long everyday one: short everyday ones
        (把我家, 那块地) sound like what anybody says."""
        if self._sounded is None:
            self._sounded = {}
            for number, matter in enumerate(self.matters):
                for word in (*matter.official, *(name for name in matter.names if len(name) > 3)):
                    if len(word) > 2 and is_han(word) and matter.official:
                        self._sounded.setdefault(spoken(word), set()).add(number)
        return self._sounded

    def _found(self, text: Text) -> Iterator[tuple[Spans, int, _Use]]:
        """Place and number of matching characters of every pattern in `text`."""
        for start in range(len(text.said)):
            for end in range(start + 1, min(len(text.said), start + self._longest) + 1):
                uses = self._uses.get(text.said[start:end])
                if not uses or not text.whole(start, end):
                    continue
                for use in uses.values():
                    place = _after(text, start, end, use.rest) if use.ordered else _near(text, start, end, use.rest)
                    if place:
                        yield (*place, use)

    def _judged(self, number: int, votes: _Votes, text: str) -> Heard:
        names = _apart(votes.names, [])
        hints = _apart(votes.hints, names)
        strength = sum(weight * (1 if at == 0 else _NEXT_NAME) for at, (_, weight) in enumerate(names))
        strength += sum(weight for _, weight in hints)
        if strength >= RECOGNISED and any(_wished(text, span) for spans, _ in names for span in spans):
            strength += _WANTED
        said = tuple(dict.fromkeys(text[start:end] for spans, _ in (*names, *hints) for start, end in spans))
        return Heard(self.matters[number], round(strength, 3), said)


def _wished(text: str, span: tuple[int, int]) -> bool:
    """Whether a word of wanting stands just before."""
    before = text[max(0, span[0] - _SOON - 2) : span[0]]
    found = list(_WISH.finditer(before))
    return bool(found) and len(before) - found[-1].end() <= _SOON


def spoken(text: str) -> str:
    """The Chinese of a text as syllables without tones, between apostrophes: 公积金 is in 公基金, and not in what only
    sounds like it across the borders of syllables."""
    return "'" + "".join(f"{sound(sign)}'" if is_han(sign) else "" for sign in text)


def _after(text: Text, start: int, end: int, rest: tuple[Piece, ...]) -> tuple[Spans, int] | None:
    """Where the whole pattern stands, each piece a few characters after the one before."""
    size, first = end - start, start
    for words in rest:
        reach = _PAUSE.split(text.said[end : end + _GAP + _LONGEST_PIECE], maxsplit=1)[0]
        places = [(at, word) for word in words if (at := text.find(word, end, end + len(reach))) >= 0]
        places = [(at, word) for at, word in places if at - end <= _GAP]
        if not places:
            return None
        at, word = min(places, key=lambda one: (one[0], -len(one[1])))
        end, size = at + len(word), size + len(word)
    return ((first, end),), size


def _near(text: Text, start: int, end: int, rest: tuple[Piece, ...]) -> tuple[Spans, int] | None:
    """The same for pieces in any order around the first, within one part of a sentence or the next."""
    spans = [(start, end)]
    for words in rest:
        around = [
            (at, word)
            for word in words
            if (at := text.find(word, max(0, start - _AROUND), end + _AROUND)) >= 0
            and (at + len(word) <= start or end <= at)
        ]
        if not around:
            return None
        at, word = max(around, key=lambda one: len(one[1]))
        spans.append((at, at + len(word)))
    return tuple(spans), sum(right - left for left, right in spans)


def _apart(votes: list[tuple[Spans, float]], taken: list[tuple[Spans, float]]) -> list[tuple[Spans, float]]:
    """The weightiest votes that do not overlap each other or `taken`."""
    kept: list[tuple[Spans, float]] = []
    for spans, weight in sorted(votes, key=lambda one: (-one[1], one[0])):
        if not any(_overlap(spans, other) for other, _ in (*taken, *kept)):
            kept.append((spans, weight))
    return kept


def _overlap(spans: Spans, others: Spans) -> bool:
    return any(start < right and left < end for start, end in spans for left, right in others)


def read_table(text: str) -> Table:
    """`official | names | hints` per line and `@class = words`; "#" starts a remark, other lines say nothing.

    Lines with the same first official word are one matter.
    """
    classes: dict[str, Piece] = {}
    found: dict[str, Matter] = {}
    for line in text.splitlines():
        said = normalise(line.split("#", 1)[0])
        parts = [tuple(dict.fromkeys(part.split())) for part in said.split("|")]
        name, sign, words = said.partition("=")
        if sign and name.strip().startswith("@"):
            classes[name.strip()] = tuple(words.split())
        elif len(parts) > 1:
            official, names, hints = parts[0], _whole(parts[1]), _whole(parts[2]) if len(parts) > 2 else ()
            key = official[0] if official else ""  # all that is none of a hotline's is one
            before = found.get(key, Matter((), (), ()))
            lines = (*before.lines, names + hints)
            found[key] = Matter(before.official or official, before.names + names, before.hints + hints, lines)
    return Table(tuple(found.values()), classes)


def _bags(matter: Matter) -> list[list[str]]:
    """Its words without the signs of patterns; what is none of a hotline's is many things, a bag for each line."""
    lines = [_simple(line) for line in matter.lines]
    return (
        [[*matter.official, *matter.official, *(word for line in lines for word in line)]] if matter.official else lines
    )


def _simple(patterns: Piece) -> list[str]:
    """The pieces of patterns that are words, without classes."""
    return [piece for pattern in patterns for piece in _BETWEEN.split(pattern) if not piece.startswith("@")]


def _whole(patterns: Piece) -> Piece:
    """Without patterns that have an empty piece ("…钱")."""
    return tuple(pattern for pattern in patterns if all(_BETWEEN.split(pattern)))


def table() -> Table:
    """The edited file, or the shipped one."""
    return _read(*lists.edited("matters.txt"))


@lru_cache(maxsize=2)
def _read(path: Path, _: int) -> Table:
    return read_table(path.read_text(encoding="utf-8"))
