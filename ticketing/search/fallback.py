"""The way out when the engine is away: the database, without counts, pages and help with spelling."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from django.db.models import F, Q
from django.db.models.expressions import OrderBy

from directory.models.places import RegionLevel
from ticketing.lifecycle.actors import Actor
from ticketing.models import Assignment, Ticket
from ticketing.terms import ASSIGNMENT_GONE, Urgency
from ticketing.visibility import visible

from .documents import BadQuery, Fragment, Hit, Query, Results, Sort
from .plan import numbers_of
from .text import highlight, normalise, words
from .tickets import without_persons

MOST_WORDS = 20  # each word reads three columns of every row
MORE = 5  # so many times the page is read when rows of it may have to be left out
_DIGIT = re.compile(r"\d")
_CODES = {"kind": "kind__in", "status": "status__in", "channel": "channel__in"}
#: codes with those of everything below them
_TREES = {
    "category": ("category__code", "category__parent__code", "category__parent__parent__code"),
    "region": ("region_id", "city_id", "region__parent_id", "city__parent_id"),
}
#: what `tickets.py` calls by these names
_TAGS = {
    "urgent": ~Q(urgency=Urgency.NORMAL),
    "confidential": Q(confidential=True),
    "late": Q(late=True),
    "suspected_110": Q(suspected_110=True),
    "supervised": ~Q(ladder=""),
    "redone": Q(redo_count__gt=0),
}
_SORTS: dict[Sort, tuple[str | OrderBy, ...]] = {
    Sort.OLDEST: ("created_at", "pk"),
    Sort.DUE: (F("due_at").asc(nulls_last=True), "pk"),
}
_NEWEST: tuple[str | OrderBy, ...] = ("-created_at", "-pk")


def from_database(actor: Actor, query: Query) -> Results:
    """The plain way: every word must stand in title, text or place. No counts, no pages, no spelling help."""
    if query.cursor:
        raise BadQuery("搜索引擎暂不可用，无法继续翻页；请从第一页重新搜索")
    rows = visible(actor).order_by(*_SORTS.get(query.sort, _NEWEST))
    sought = list(dict.fromkeys(words(query.text)))[:MOST_WORDS]
    numbers = {query.text.strip(), *numbers_of(normalise(query.text).strip())}
    exact = Q(number__in=numbers) | Q(external_id__in=numbers)
    literal = Q()
    for word in sought:
        literal &= Q(title__icontains=word) | Q(body__icontains=word) | Q(place__icontains=word) | _around(word)
    if query.text.strip():
        rows = rows.filter(exact | literal) if sought else rows.filter(exact)
    rows = rows.filter(_conditions(query))
    digits = [word for word in sought if _DIGIT.search(word)]
    page = list(rows[: query.limit * MORE] if digits else rows[: query.limit])
    page = [row for row in page if _openly(row, digits, numbers)][: query.limit]
    hits = tuple(_plain_hit(ticket, tuple(sought)) for ticket in page)
    return Results(hits=hits, total=len(hits), degraded=True)


def _around(word: str) -> Q:
    """The district or street is called so."""
    return Q(region__name__icontains=word) | Q(region__parent__name__icontains=word, region__level=RegionLevel.STREET)


def _openly(ticket: Ticket, digits: Collection[str], numbers: Collection[str]) -> bool:
    """Whether the digits asked for stand in what the index would hold: a phone that somebody wrote into the text is
    not there, and neither it nor a part of it finds the ticket."""
    if not digits or ticket.number in numbers or ticket.external_id in numbers:
        return True
    told = normalise(f"{without_persons(f'{ticket.title} {ticket.body}')} {ticket.place}")
    return all(word in told for word in digits)


def _conditions(query: Query) -> Q:
    wanted = Q()
    for name, values in query.filters.items():
        if values:
            wanted &= _filter(name, values)
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


def _filter(name: str, values: Iterable[str]) -> Q:
    if name in _CODES:
        return Q(**{_CODES[name]: values})
    if name in _TREES:
        return Q(*((f"{path}__in", values) for path in _TREES[name]), _connector=Q.OR)
    if name == "tag":
        return Q(*(_TAGS[value] for value in values if value in _TAGS), _connector=Q.OR) or Q(pk=None)
    units = [int(value) for value in values if value.isdecimal() and len(value) < 10]
    if name == "lead":
        return Q(lead_id__in=units)
    shares = Assignment.objects.filter(department_id__in=units).exclude(status__in=ASSIGNMENT_GONE)
    return Q(pk__in=shares.values("ticket_id"))


def _plain_hit(ticket: Ticket, sought: tuple[str, ...]) -> Hit:
    title: tuple[Fragment, ...] = highlight(without_persons(ticket.title), sought, width=120)
    return Hit(
        id=ticket.pk,
        number=ticket.number,
        external_id=ticket.external_id or "",
        score=0.0,
        title=title,
        passage=highlight(without_persons(ticket.body), sought),
    )
