"""What a report contains: place, times, amounts, organisations, separate demands, mood and kind.

>>> index = PlaceIndex([("410105", "金水区", "410100"), ("410100", "郑州市", None)])
>>> extract("金水区文化路某小区停水两天了", index).place.region
'410105'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nlp.extract.demands import demands
from nlp.extract.facts import Amount, TimeMention, amounts, organisations, times
from nlp.extract.mood import Mood, mood
from nlp.extract.places import Place, PlaceIndex, find_place
from nlp.kinds import Kind, kind_of

__all__ = ["Amount", "Extraction", "Kind", "Mood", "Place", "PlaceIndex", "TimeMention", "demands", "extract"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything that could be read from one report."""

    place: Place
    times: tuple[TimeMention, ...]
    amounts: tuple[Amount, ...]
    organisations: tuple[str, ...]
    demands: tuple[str, ...]
    mood: Mood
    kind: Kind


def extract(text: str, places: PlaceIndex, *, today: date | None = None) -> Extraction:
    """Read a report. `today` lets "昨天" and "3月5日" become days; build `places` once per directory version."""
    return Extraction(
        place=find_place(text, places),
        times=times(text, today),
        amounts=amounts(text),
        organisations=organisations(text),
        demands=demands(text),
        mood=mood(text),
        kind=kind_of(text),
    )
