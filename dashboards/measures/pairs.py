"""Breakdowns by two at once that the rollups hold: how they are named, and which scopes they answer.

A row of the pair (kind, channel) has the cut `kind+channel` and a key such as `complaint|web`. Regions take part by
district, so that a pair stays small.
"""

from __future__ import annotations

from directory.access import regions_below
from directory.models import Region
from directory.models.places import RegionLevel

from .scope import Scope
from .sources import DISTRICT, PAIRS

#: more keys than this are counted from the stored rows
MOST_KEYS = 400


def cut(pair: tuple[str, str]) -> str:
    return "+".join(pair)


def key(first: str, second: str) -> str:
    return f"{first}|{second}"


def of(scope: Scope) -> tuple[str, frozenset[str]] | None:
    """The pair and the keys that a scope limited by two breakdowns asks for; None when no pair answers it."""
    asked = {DISTRICT if name == "region" else name for name in scope.only}
    pair = next((pair for pair in PAIRS if set(pair) == asked), None)
    if pair is None or len(scope.only) != 2:
        return None
    sides = [_districts(scope.only["region"]) if name == DISTRICT else scope.only[name] for name in pair]
    if sides[0] is None or sides[1] is None or len(sides[0]) * len(sides[1]) > MOST_KEYS:
        return None
    return cut(pair), frozenset(key(first, second) for first in sides[0] for second in sides[1])


def _districts(codes: frozenset[str]) -> frozenset[str] | None:
    """The districts whose streets the codes are, all of them; None for anything less than whole districts."""
    found = Region.objects.filter(pk__in=codes).exclude(level=RegionLevel.STREET, parent__isnull=False)
    districts = frozenset(found.values_list("pk", flat=True))
    return districts if regions_below(districts) == codes else None
