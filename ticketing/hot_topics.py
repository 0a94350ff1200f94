"""Hot topics of the tickets of a period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from nlp.hotspots import Hotspot, Item, find
from ticketing.models import Ticket
from ticketing.wording import following

_LOCAL = ZoneInfo("Asia/Shanghai")
_CHUNK = 2000


def items(first: date, last: date) -> Iterator[Item]:
    """Tickets received from `first` to `last` inclusive, in local days. The caller is a keyed hash, never a number.

    An anonymous ticket counts as one caller of its own.
    """
    start = datetime.combine(first, time.min, _LOCAL)
    end = datetime.combine(last + timedelta(days=1), time.min, _LOCAL)
    yield from read(Ticket.objects.filter(created_at__gte=start, created_at__lt=end))


def read(tickets: QuerySet[Ticket]) -> Iterator[Item]:
    """Those tickets as the search for hot topics takes them."""
    following.refresh()
    rows = tickets.values_list(
        "number", "title", "body", "created_at", "region__name", "identity__phone_hash", "identity__user_hash"
    )
    for number, title, body, created_at, region, phone, user in rows.iterator(chunk_size=_CHUNK):
        placed = title if not region or region in title else f"{region}，{title}"  # a comma: the name begins anew
        yield Item(id=number, caller=phone or user or number, title=placed, body=body, created_at=created_at)


def hot_topics(first: date, last: date, *, top: int) -> list[Hotspot]:
    """The hottest topics of a period, against the equally long one before and the same days a year ago."""
    length = last - first + timedelta(days=1)
    year = timedelta(days=364)
    return find(
        items(first, last),
        top=top,
        previous=list(items(first - length, last - length)),
        last_year=list(items(first - year, last - year)) or None,
    )
