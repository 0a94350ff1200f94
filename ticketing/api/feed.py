"""Events since a place: the outbox as a feed, in the order in which transactions ended."""

from __future__ import annotations

import re

from django.db import connection
from django.db.models import Q, QuerySet

from ticketing.errors import BadInput
from ticketing.lifecycle.actors import Actor
from ticketing.models import OutboxEntry
from ticketing.outbox import topics
from ticketing.outbox.reading import horizon
from ticketing.visibility import visible

_PLACE = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")


def parse(place: str) -> tuple[int, int]:
    """(transaction number, id) of a place; "" is the beginning."""
    if not place:
        return 0, 0
    found = _PLACE.fullmatch(place)
    if found is None:
        raise BadInput("since", "“since”应为上次返回的 next")
    return min(int(found[1]), 2**62), min(int(found[2]), 2**62)


def place_of(entry: OutboxEntry) -> str:
    return f"{entry.xid}-{entry.pk}"


def since(actor: Actor, place: str, limit: int) -> tuple[list[OutboxEntry], str]:
    """At most `limit` entries of tickets that the actor may know of, and the place to go on from.

    Only entries older than every open transaction are given, so a slow commit is never jumped over.
    """
    xid, pk = parse(place)
    rows: QuerySet[OutboxEntry] = OutboxEntry.objects.filter(topic=topics.TICKET, ticket__isnull=False)
    rows = rows.filter(Q(xid__gt=xid) | Q(xid=xid, pk__gt=pk))
    if connection.vendor == "postgresql":
        rows = rows.filter(xid__lt=horizon())
    rows = rows.filter(ticket__in=visible(actor)).select_related("event").order_by("xid", "pk")
    found = list(rows[:limit])
    return found, place_of(found[-1]) if found else (place or "0-0")
