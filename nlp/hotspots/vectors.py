"""Messages as sparse vectors: words and title pairs of characters on one side, names on the other.

Both sides are TF-IDF with unit length and are joined by weight, so one dot product is the whole similarity, and the
word side alone tells whether two messages share a *problem* and not only a place.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import mul

from nlp.data import lines
from nlp.hotspots.model import Item, Settings
from nlp.hotspots.names import Names, plain
from nlp.words import content_words

_RUN = re.compile(r"[\u4e00-\u9fff]+")
_TOO_COMMON = 0.12

Vector = dict[str, float]


@cache
def _vague() -> frozenset[str]:
    """Words that many messages of one place share without sharing a problem."""
    return frozenset(lines("not_problems.txt"))


@dataclass(slots=True)
class Terms:
    """Raw counts of one message."""

    words: Counter[str]
    names: Counter[str]
    inside: frozenset[str]  # those of `words` that occur only inside names


@dataclass(slots=True)
class Space:
    """Document frequencies of what was seen so far; turns counts into unit vectors."""

    settings: Settings
    names: Names
    documents: int = 0
    word_df: Counter[str] = field(default_factory=Counter)
    name_df: Counter[str] = field(default_factory=Counter)
    inside_df: Counter[str] = field(default_factory=Counter)

    def read(self, item: Item) -> Terms:
        """Count the terms of a message; the title counts `title_weight` times."""
        body = item.body[: self.settings.body_characters]
        title_names, title_rest = self.names.find(item.title)
        body_names, body_rest = self.names.find(body)
        found: Counter[str] = Counter(content_words(body))
        for word in content_words(item.title):
            found[word] += self.settings.title_weight
        found.update(_pairs(item.title))
        for word in self.settings.stop_words:
            found.pop(word, None)
        names = Counter(f"@{name}" for name in body_names)
        for name in title_names:
            names[f"@{name}"] += 2
        if not names:
            return Terms(found, names, frozenset())
        outside = {*content_words(title_rest), *content_words(body_rest), *_pairs(title_rest)}
        return Terms(found, names, frozenset(found.keys() - outside))

    def learn(self, read: Iterable[Terms]) -> None:
        for terms in read:
            self.documents += 1
            self.word_df.update(terms.words.keys())
            self.name_df.update(terms.names.keys())
            self.inside_df.update(terms.inside)

    def says_where(self, term: str) -> bool:
        """Whether a term is a name, or a word that mostly occurs inside names ("滨河" of "滨河苑")."""
        if term[0] == "@" or term.lstrip("#") in _vague():
            return True
        return 2 * self.inside_df[term] > self.word_df[term]

    def vector(self, terms: Terms) -> Vector:
        """Joined unit vector, its heaviest `terms_kept` terms."""
        share = self.settings.name_weight
        words = self._unit(terms.words, self.word_df, self.settings.terms_kept)
        names = self._unit(terms.names, self.name_df, 8)
        joined = {term: value * math.sqrt(1 - share) for term, value in words.items()}
        joined.update((term, value * math.sqrt(share)) for term, value in names.items())
        return joined

    def _unit(self, counts: Counter[str], df: Counter[str], keep: int) -> Vector:
        limit = max(_TOO_COMMON * self.documents, 25)
        weighted = [
            (term, (1 + math.log(count)) * (1 + math.log((1 + self.documents) / (1 + df[term]))))
            for term, count in counts.items()
            if df[term] <= limit
        ]
        if len(weighted) > keep:
            weighted.sort(key=lambda pair: (-pair[1], pair[0]))
            del weighted[keep:]
        norm = math.sqrt(sum(value * value for _, value in weighted)) or 1.0
        return {term: value / norm for term, value in weighted}


def _pairs(title: str) -> list[str]:
    return [f"#{run[at : at + 2]}" for run in _RUN.findall(plain(title)) for at in range(len(run) - 1)]


def space_of(items: Sequence[Item], settings: Settings, known_names: Iterable[str] = ()) -> tuple[Space, list[Terms]]:
    """The space of a collection and the counts of its messages."""
    names = Names.discover([(item.title, item.body) for item in items], known_names)
    space = Space(settings, names)
    read = [space.read(item) for item in items]
    space.learn(read)
    return space, read


def dot(a: Vector, b: Vector) -> float:
    return dot_over(a.keys() & b.keys(), a, b)


def dot_over(terms: Collection[str], a: Vector, b: Vector) -> float:
    """The part of a dot product that some shared terms make up.

    The exact sum, because a set has another order in every process and the result must not.
    """
    return math.fsum(map(mul, map(a.__getitem__, terms), map(b.__getitem__, terms)))
