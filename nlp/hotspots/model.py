"""What goes into the search for hot topics and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One ticket or message. `caller` is any opaque key that is the same for the same person."""

    id: str
    caller: str
    title: str
    body: str
    created_at: datetime
    likes: int = 0
    dislikes: int = 0


@dataclass(frozen=True, slots=True)
class Trend:
    """This period against the one before. `factor` is now / before, with one added to both so that it always exists."""

    now: int
    before: int
    factor: float
    direction: str  # "rising", "steady", "falling", "new"


@dataclass(frozen=True, slots=True)
class Hotspot:
    """One hot topic: one problem at one place or of one group of people.

    `heat` follows the formula in `nlp.hotspots.heat`; `terms` shows its parts. `ids` are ordered by time.
    """

    rank: int
    problem: str
    place: str
    heat: float
    tickets: int
    callers: int
    first: datetime
    last: datetime
    ids: tuple[str, ...]
    trend: Trend
    reasons: tuple[str, ...]
    words: tuple[str, ...]
    terms: tuple[tuple[str, float], ...]


#: Told how far a long search is: (step, done, total).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """Thresholds of the search; the defaults were measured with `benchmarks/hotspots.py`.

    `join`: two groups are one topic when the mean cosine over all their pairs reaches this.
    `join_same_name`: enough when both are about the same named place or organisation.
    `same_problem`: and when the part of it that does not say where reaches this.
    `join_elsewhere`: what two small groups need whose titles name different places: one kind, not one thing.
    `stray`: in a group of `trim_from` or more, whoever shares less than this part of the usual problem is sent away.
    `name_weight`: share of place and organisation names in the similarity, 0 to 1.
    """

    join: float = 0.18
    join_same_name: float = 0.14
    join_elsewhere: float = 0.4
    same_problem: float = 0.03
    name_weight: float = 0.07
    title_weight: int = 3
    body_characters: int = 600
    terms_kept: int = 100
    candidate_terms: int = 14
    neighbours: int = 24
    smallest: int = 2
    trim_from: int = 5
    stray: float = 0.35
    stop_words: frozenset[str] = field(default_factory=frozenset)
