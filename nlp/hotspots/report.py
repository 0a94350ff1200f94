"""From a measured group to what a supervisor sees."""

from __future__ import annotations

from dataclasses import dataclass

from nlp.hotspots import heat
from nlp.hotspots.describe import Description
from nlp.hotspots.model import Hotspot, Item


@dataclass(frozen=True, slots=True)
class Hot:
    """A group with its description and heat, before it has a rank. `items` are ordered by time."""

    number: int
    items: list[Item]
    about: Description
    parts: heat.Parts
    heat: float


def report(rank: int, entry: Hot, before: int | None, last_year: int | None) -> Hotspot:
    """`before` and `last_year`: tickets on this topic in the periods compared with, None where unknown."""
    items, about = entry.items, entry.about
    course = heat.trend(len(items), before)
    return Hotspot(
        rank=rank,
        problem=about.problem,
        place=about.place,
        heat=entry.heat,
        tickets=len(items),
        callers=len({item.caller for item in items}),
        first=items[0].created_at,
        last=items[-1].created_at,
        ids=tuple(item.id for item in items),
        trend=course,
        reasons=heat.reasons(items, about.place, about.focus, course, before is not None, last_year),
        words=about.words,
        terms=entry.parts,
    )
