"""Hot topics (热点): one problem at one place, reported again and again.

>>> find(items, top=10)                     # a whole collection
>>> state = Hotspots(items); state.add(new) # an hour's new tickets
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from nlp.hotspots.model import Hotspot, Item, Progress, Settings, Trend
from nlp.hotspots.state import Hotspots

__all__ = ["Hotspot", "Hotspots", "Item", "Settings", "Trend", "find"]


def find(
    items: Iterable[Item],
    *,
    top: int = 10,
    now: datetime | None = None,
    previous: Sequence[Item] | None = None,
    last_year: Sequence[Item] | None = None,
    settings: Settings | None = None,
    known_names: Iterable[str] = (),
    progress: Progress | None = None,
) -> list[Hotspot]:
    """The `top` hottest topics of `items`; see `Hotspots.find` and the formula in `nlp.hotspots.heat`.

    `known_names`: estates, units, roads of the directory; more names are found in the texts.
    """
    state = Hotspots(items, settings=settings, known_names=known_names, progress=progress)
    return state.find(top=top, now=now, previous=previous, last_year=last_year)
