"""Searching as somebody: access, and results joined with the database."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ticketing.lifecycle.actors import Actor
from ticketing.models import Ticket
from ticketing.privacy.crypto import keyed_hash
from ticketing.visibility import visible

from . import engines, feed
from .documents import Hit, Query, Results, SearchUnavailable
from .fallback import from_database
from .text import has_words
from .tokens import access


@dataclass(frozen=True)
class Found:
    """A hit with the ticket as it is now."""

    hit: Hit
    ticket: Ticket


@dataclass(frozen=True)
class Answer:
    results: Results
    found: tuple[Found, ...]


def find(actor: Actor, query: Query, *, phone: str = "") -> Answer:
    """What `actor` may see of what `query` finds. `phone` is a caller's number in clear; it is only ever hashed.

    The engine filters by the tokens it holds; the database is asked once more for the page shown, so a right that was
    withdrawn a moment ago is withdrawn here too. Raises `BadQuery`.
    """
    if phone:
        query = replace(query, phone_hash=keyed_hash("phone", phone))
    held = access(actor)
    query.check(held)
    if query.text.strip() and not has_words(query.text):
        return Answer(Results(), ())  # signs alone stand in no text; to an engine they would not restrict
    try:
        results = engines.tickets().search(query, access=held)
        if not results.total and not query.cursor and feed.lost(engines.tickets(), feed.TICKETS):
            results = from_database(actor, query)  # the index is being made
    except SearchUnavailable:
        results = from_database(actor, query)
    rows = visible(actor).select_related("lead", "category", "region", "city")
    known = {ticket.pk: ticket for ticket in rows.filter(pk__in=[hit.id for hit in results.hits])}
    found = tuple(Found(hit, known[hit.id]) for hit in results.hits if hit.id in known)
    return Answer(replace(results, hits=tuple(one.hit for one in found)), found)


def suggest(actor: Actor, text: str, limit: int = 8) -> tuple[str, ...]:
    """Completions of `text` from what the actor may see; none while the engine is away."""
    try:
        return engines.tickets().suggest(text, access=access(actor), limit=limit)
    except SearchUnavailable:
        return ()


def alike(actor: Actor, ticket_id: int, limit: int = 8) -> tuple[Found, ...]:
    """Tickets like this one that the actor may see; none while the engine is away."""
    try:
        hits = engines.tickets().more_like_this(ticket_id, access=access(actor), limit=limit)
    except SearchUnavailable:
        return ()
    known = {ticket.pk: ticket for ticket in visible(actor).filter(pk__in=[hit.id for hit in hits])}
    return tuple(Found(hit, known[hit.id]) for hit in hits if hit.id in known)
