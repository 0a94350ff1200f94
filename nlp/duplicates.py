"""Duplicates and same-problem tickets (重复诉求), without any state of its own.

The search engine keeps the index: it stores `fingerprint(text).pack()` with each ticket, answers `Index.candidates`
with at most `LIMIT` tickets that share heavy terms, place or caller, and `rank` orders them and says why. Nothing here
reads a candidate's text again, so ranking 200 candidates costs about 5 ms.

    >>> rank(query, index.candidates(query, limit=LIMIT))[0].why
    ('同一来电人', '同一地点：丽景花园', '共同用词：漏水、物业')
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from nlp.text import weight
from nlp.words import content_words

#: Candidates worth fetching; ranking so many takes about 5 ms.
LIMIT = 200

_TERMS = 24
_SAME = 0.55
_NEAR = 0.35
_DAY = 86_400.0
#: characters of a name that is long enough to be known by its end
_NAME = 4
_SAME_PROBLEM_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The heaviest words of a text with their share of its meaning (unit length), heaviest first."""

    terms: tuple[tuple[str, float], ...]

    def pack(self) -> str:
        """One line to be stored in an index, at most some 400 characters."""
        return " ".join(f"{term}:{share:.3f}" for term, share in self.terms)

    @classmethod
    def unpack(cls, line: str) -> Fingerprint:
        """The fingerprint that `pack` wrote. Raises ValueError for anything else."""
        terms = []
        for part in line.split(" ") if line else ():
            term, _, share = part.rpartition(":")
            if not term:
                raise ValueError(f"not a fingerprint: {part[:20]!r}; expected term:share")
            terms.append((term, float(share)))
        return cls(tuple(terms))

    def words(self) -> tuple[str, ...]:
        return tuple(term for term, _ in self.terms)


@dataclass(frozen=True, slots=True)
class Similarity:
    """From 0 to 1, with the reasons in words for the person at the desk."""

    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared: a ticket, or what an agent is typing.

    `caller` is an opaque key (the keyed hash of a telephone number), None for anonymous. `region` is a region code,
    `estate` the estate or road as extracted.
    """

    key: str
    fingerprint: Fingerprint
    caller: str | None = None
    region: str | None = None
    estate: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate with its score; `same` when it is so near that grouping can be proposed with one click."""

    key: str
    score: float
    why: tuple[str, ...]
    same: bool = field(default=False)


class Index(Protocol):
    """What the search engine implements."""

    def candidates(self, query: Report, *, limit: int = LIMIT) -> Sequence[Report]:
        """At most `limit` open and recent tickets that share heavy terms, place or caller, within 50 ms."""
        ...


def fingerprint(text: str) -> Fingerprint:
    """The fingerprint of a text. Put the title first: early words count more."""
    weights: dict[str, float] = {}
    for at, word in enumerate(content_words(text)):
        early = 1.5 if at < 12 else 1.0
        weights[word] = max(weights.get(word, 0.0) * 1.15, weight(word) * early)
    heaviest = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:_TERMS]
    norm = math.sqrt(sum(value * value for _, value in heaviest)) or 1.0
    return Fingerprint(tuple((term, round(value / norm, 3)) for term, value in heaviest))


def score(a: Fingerprint, b: Fingerprint) -> Similarity:
    """Cosine of two fingerprints, with the words they share."""
    other = dict(b.terms)
    shared = [(share * other[term], term) for term, share in a.terms if term in other]
    value = min(sum(part for part, _ in shared), 1.0)
    names = [term for _, term in sorted(shared, reverse=True)[:4]]
    return Similarity(round(value, 3), (f"共同用词：{'、'.join(names)}",) if names else ())


def compare(query: Report, other: Report) -> Similarity:
    """Words, place, caller and time together.

    The words are the base. The same estate or caller lifts what is alike already; a long time between lowers it. Two
    texts without a common word are never alike, whoever calls.
    """
    text = score(query.fingerprint, other.fingerprint)
    if text.score == 0:
        return Similarity(0.0, ())
    value, why = text.score, list(text.why)
    if _one_place(query.estate, other.estate):
        value, why = value + 0.2, [f"同一地点：{query.estate}", *why]
    elif query.region and query.region == other.region:
        value = value + 0.05
    elif query.estate and other.estate:
        value *= 0.8
    if query.caller and query.caller == other.caller:
        value, why = value + 0.15, ["同一来电人", *why]
    days = _days_between(query, other)
    if days is not None:
        value *= 0.6 + 0.4 * 0.5 ** (days / _SAME_PROBLEM_DAYS)
        why.append("今日" if days < 1 else f"相隔{round(days)}天")
    return Similarity(round(min(value, 1.0), 3), tuple(why))


def _one_place(one: str, other: str) -> bool:
    """Whether two estates or roads are the same; a side of the road (东翠屏家园) may still hang on to one of them."""
    short, long = sorted((one, other), key=len)
    return bool(one) and (
        one == other or (len(short) >= _NAME and 0 < len(long) - len(short) <= 2 and long.endswith(short))
    )


def _days_between(query: Report, other: Report) -> float | None:
    if query.created_at is None or other.created_at is None:
        return None
    return abs((query.created_at - other.created_at).total_seconds()) / _DAY


def rank(query: Report, candidates: Iterable[Report], *, top: int = 10) -> list[Match]:
    """The candidates that may be the same matter, nearest first; the query itself is left out."""
    matches = []
    for candidate in candidates:
        if candidate.key == query.key:
            continue
        similarity = compare(query, candidate)
        if similarity.score >= _NEAR:
            matches.append(Match(candidate.key, similarity.score, similarity.why, similarity.score >= _SAME))
    matches.sort(key=lambda match: (-match.score, match.key))
    return matches[:top]


def burst(query: Report, candidates: Iterable[Report]) -> int:
    """How many others reported the same matter on the same day ("今日另有37人反映"); each caller counts once."""
    callers: set[str] = set()
    for candidate in candidates:
        days = _days_between(query, candidate)
        known = candidate.key == query.key or (candidate.caller is not None and candidate.caller == query.caller)
        if known or days is None or days >= 1:
            continue
        if compare(query, candidate).score >= _SAME:
            callers.add(candidate.caller or candidate.key)
    return len(callers)
