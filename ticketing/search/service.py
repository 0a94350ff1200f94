"""Searching as somebody: access, results joined with the database, and the way out when the engine is away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import Q

from ticketing.lifecycle.actors import Actor
from ticketing.models import Ticket
from ticketing.privacy.crypto import keyed_hash
from ticketing.visibility import visible

from . import engines
from .documents import BadQuery, Fragment, Hit, Query, Results, SearchUnavailable, Sort
from .text import highlight, words
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
    try:
        results = engines.tickets().search(query, access=held)
    except SearchUnavailable:
        results = _from_database(actor, query)
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


_CODES = {
    "kind": "kind__in",
    "status": "status__in",
    "channel": "channel__in",
    "lead": "lead_id__in",
}
_SORTS = {Sort.OLDEST: ("created_at", "pk"), Sort.DUE: ("due_at", "pk")}


def _from_database(actor: Actor, query: Query) -> Results:
    """The plain way: every word must stand in title, text or place. No counts, no pages, no spelling help."""
    if query.cursor:
        raise BadQuery("搜索引擎暂不可用，无法继续翻页；请从第一页重新搜索")
    rows = visible(actor).order_by(*_SORTS.get(query.sort, ("-created_at", "-pk")))
    sought = words(query.text)
    exact = Q(number=query.text.strip()) | Q(external_id=query.text.strip())
    literal = Q()
    for word in sought:
        literal &= Q(title__icontains=word) | Q(body__icontains=word) | Q(place__icontains=word)
    if query.text.strip():
        rows = rows.filter(exact | literal) if sought else rows.filter(exact)
    rows = rows.filter(_conditions(query))
    page = list(rows[: query.limit])
    hits = tuple(_plain_hit(ticket, tuple(sought)) for ticket in page)
    return Results(hits=hits, total=len(hits), degraded=True)


def _conditions(query: Query) -> Q:
    wanted = Q()
    for name, values in query.filters.items():
        if values and name in _CODES:
            wanted &= Q(**{_CODES[name]: values})
        elif values and name == "category":
            wanted &= Q(category__code__in=values) | Q(category__parent__code__in=values)
        elif values and name == "region":
            wanted &= Q(region_id__in=values) | Q(city_id__in=values) | Q(region__parent_id__in=values)
        elif values and name == "unit":
            wanted &= Q(assignments__department_id__in=values)
    if query.phone_hash:
        wanted &= Q(identity__phone_hash=query.phone_hash)
    for name, moment in (
        ("created_at__gte", query.created_from),
        ("created_at__lt", query.created_to),
        ("due_at__gte", query.due_from),
        ("due_at__lt", query.due_to),
    ):
        if moment is not None:
            wanted &= Q(**{name: datetime.fromtimestamp(moment, UTC)})
    return wanted


def _plain_hit(ticket: Ticket, sought: tuple[str, ...]) -> Hit:
    title: tuple[Fragment, ...] = highlight(ticket.title, sought, width=120)
    return Hit(
        id=ticket.pk,
        number=ticket.number,
        external_id=ticket.external_id or "",
        score=0.0,
        title=title,
        passage=highlight(ticket.body, sought),
    )
