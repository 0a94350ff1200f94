"""Duplicates in the index: what is stored of a text to compare it by, and how it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from nlp.duplicates import LIMIT, Fingerprint, Report, fingerprint
from nlp.extract.places import PlaceIndex, find_place
from ticketing.lifecycle.actors import Actor

from . import engines
from .documents import Kept, Likeness
from .tokens import access

#: characters read of a text: who reports the same matter says so early
_CHARACTERS = 500
_NO_REGIONS = PlaceIndex(())


@dataclass(frozen=True)
class TicketIndex:
    """`nlp.duplicates.Index` over the tickets since then below the region `city` that the actor may know of."""

    actor: Actor
    since: datetime
    city: str = ""

    def candidates(self, query: Report, *, limit: int = LIMIT) -> Sequence[Report]:
        """Half of `limit` by words, the rest by estate and caller. Raises `SearchUnavailable`."""
        sought = Likeness(
            words=query.fingerprint.words(),
            since=int(self.since.timestamp()),
            region=self.city,
            estate=query.estate,
            phone_hash=query.caller or "",
        )
        shares = (limit // 2, limit * 3 // 10, limit // 5)
        return [report(kept) for kept in engines.tickets().alike(sought, access=access(self.actor), most=shares)]


def report(kept: Kept) -> Report:
    return Report(
        key=str(kept.id),
        fingerprint=Fingerprint.unpack(kept.fingerprint),
        caller=kept.phone_hash or None,
        region=kept.region or None,
        estate=kept.estate,
        created_at=datetime.fromtimestamp(kept.created, UTC),
    )


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[Fingerprint, str]:
    """Fingerprint, and estate or road, of a text that begins with its title."""
    text = text[:_CHARACTERS]
    return fingerprint(text), _place(text)


@lru_cache(maxsize=4096)
def estate(place: str) -> str:
    """Estate or road of a place as it was typed; the whole of it when neither is recognised."""
    place = place.strip()
    return _place(place) or place


def _place(text: str) -> str:
    found = find_place(text, _NO_REGIONS)
    return found.estate or found.street
