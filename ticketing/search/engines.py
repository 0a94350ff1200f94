"""Which engine this installation uses, from the settings; one per process and index."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection

from ticketing.wording import following

from .embedded import EmbeddedEngine
from .engine import SearchEngine
from .synonyms import Synonyms

_GIVEN: dict[str, SearchEngine] = {}


def tickets() -> SearchEngine:
    following.refresh()
    return _GIVEN.get("tickets") or _made("tickets", _base())


def knowledge() -> SearchEngine:
    following.refresh()
    return _GIVEN.get("knowledge") or _made("knowledge", _base())


@cache
def synonyms() -> Synonyms:
    """The installation's synonyms: the edited file, or the shipped one."""
    return Synonyms(settings.DATA / "search" / "synonyms.txt")


def use(**engines: SearchEngine) -> None:
    """Puts engines in the place of the configured ones; without any, the configured ones are back."""
    _GIVEN.clear()
    _GIVEN.update(engines)


def _base() -> str:
    """An index belongs to one database: two databases never share one."""
    return re.sub(r"[^a-z0-9]+", "-", Path(str(connection.settings_dict["NAME"])).name.lower()).strip("-")


@cache
def _made(index: str, base: str) -> SearchEngine:
    if settings.SEARCH_ENGINE == "elasticsearch":
        from .elastic import ElasticEngine  # its client takes a second to load
        from .elastic_client import connect

        client = connect(settings.ELASTICSEARCH_URL or "http://127.0.0.1:9200", api_key=settings.ELASTICSEARCH_API_KEY)
        return ElasticEngine(
            client,
            f"hotline-{base}-{index}",
            synonyms=synonyms(),
            shards=settings.ELASTICSEARCH_SHARDS,
            replicas=settings.ELASTICSEARCH_REPLICAS,
            # an entry's first day may be moved, a ticket's may not
            months=index == "tickets" and settings.ELASTICSEARCH_MONTHS,
            policy=settings.ELASTICSEARCH_LIFECYCLE,
        )
    return EmbeddedEngine(settings.DATA / "search" / base / index, synonyms=synonyms())
