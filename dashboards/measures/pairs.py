"""Breakdowns by two at once that the rollups hold: how they are named, and which scopes they answer.

A row of the pair (kind, channel) has the cut `kind+channel` and a key such as `complaint|web`. Regions take part by
district and categories by first level, so that a pair stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from directory.access import regions_below
from directory.models import Category, Department, Region
from directory.models.places import RegionLevel
from ticketing.terms import Channel, Kind

from .scope import Scope
from .sources import DISTRICT, MATTER, PAIRS, WIDER

#: more keys than this are counted from the stored rows
MOST_KEYS = 1000


def cut(pair: tuple[str, str]) -> str:
    return "+".join(pair)


def key(first: str, second: str) -> str:
    return f"{first}|{second}"


CUTS = frozenset(map(cut, PAIRS))


@dataclass(frozen=True)
class Held:
    """Where a pair holds what is asked: its cut, its keys, and which half of a key (0 or 1) is asked about."""

    cut: str
    keys: frozenset[str]
    half: int = 0


def of(scope: Scope) -> Held | None:
    """What a scope limited by two breakdowns asks for; None when no pair answers it."""
    if len(scope.only) != 2:
        return None
    (one, ones), (other, others) = scope.only.items()
    return _held((one, _side(one, ones)), (other, _side(other, others)))


def by(scope: Scope, breakdown: str) -> Held | None:
    """What a scope limited by one breakdown asks for, broken down by another; None when no pair answers it."""
    if len(scope.only) != 1 or breakdown in scope.only or breakdown not in _EVERY:
        return None
    ((one, ones),) = scope.only.items()
    return _held((breakdown, _EVERY[breakdown]()), (one, _side(one, ones)))


def _held(asked: tuple[str, frozenset[str] | None], other: tuple[str, frozenset[str] | None]) -> Held | None:
    sides = {WIDER.get(name, name): keys for name, keys in (asked, other)}
    pair = next((pair for pair in PAIRS if set(pair) == set(sides)), None)
    if pair is None:
        return None
    firsts, seconds = sides[pair[0]], sides[pair[1]]
    if firsts is None or seconds is None or len(firsts) * len(seconds) > MOST_KEYS:
        return None
    keys = frozenset(key(first, second) for first in firsts for second in seconds)
    return Held(cut(pair), keys, pair.index(WIDER.get(asked[0], asked[0])))


def _side(name: str, keys: frozenset[str]) -> frozenset[str] | None:
    """The keys as the pairs have them; None for less than whole districts or first levels."""
    if WIDER.get(name) == DISTRICT:
        return _districts(keys)
    return _matters(keys) if WIDER.get(name) == MATTER else keys


def _districts(codes: frozenset[str]) -> frozenset[str] | None:
    """The districts whose streets the codes are, all of them."""
    districts = _every_district() & codes
    return districts if regions_below(districts) == codes else None


def _matters(keys: frozenset[str]) -> frozenset[str] | None:
    """The first-level categories to which the keys belong, with everything below them."""
    rows = dict(Category.objects.values_list("pk", "parent_id"))
    below = {pk for pk in rows if str(_top(pk, rows)) in keys}
    return frozenset(str(pk) for pk in below if rows[pk] is None) if {str(pk) for pk in below} == keys else None


def _top(pk: int, rows: Mapping[int, int | None]) -> int:
    while (above := rows[pk]) is not None:
        pk = above
    return pk


def _every_district() -> frozenset[str]:
    found = Region.objects.exclude(level=RegionLevel.STREET, parent__isnull=False)
    return frozenset(found.values_list("pk", flat=True))


#: breakdown → every key that a pair can have for it; "" is what is not given
_EVERY: dict[str, Callable[[], frozenset[str]]] = {
    "unit": lambda: frozenset(map(str, Department.objects.values_list("pk", flat=True))),
    "region": lambda: _every_district() | {""},
    "category": lambda: frozenset(map(str, Category.objects.filter(parent=None).values_list("pk", flat=True))) | {""},
    "kind": lambda: frozenset(Kind.values) | {""},
    "channel": lambda: frozenset(Channel.values) | {""},
}
