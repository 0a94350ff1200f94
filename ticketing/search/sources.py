"""All indexes of this installation with where their documents come from."""

from __future__ import annotations

from collections.abc import Callable

from ticketing.knowledge.finding import KNOWLEDGE

from . import engines
from .engine import SearchEngine
from .feed import TICKETS
from .sync import Source


def all_sources() -> dict[str, tuple[Callable[[], SearchEngine], Source]]:
    return {"tickets": (engines.tickets, TICKETS), "knowledge": (engines.knowledge, KNOWLEDGE)}
