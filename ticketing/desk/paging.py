"""Pages by key, not by number: the hundredth page costs what the first costs, and nothing is shown twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from ticketing.models import Ticket
from ticketing.terms import OPEN

SIZE = 50
NO_DUE = "-"


@dataclass(frozen=True)
class Page:
    """`next` is the cursor of the following page, "" on the last."""

    rows: list[Ticket]
    next: str


def page(rows: QuerySet[Ticket], order: str, after: str, size: int = SIZE) -> Page:
    """The tickets after the cursor; a cursor that cannot be read starts from the front. At most two queries."""
    found = _by_due(rows, after, size + 1) if order == "due" else _newest(rows, after, size + 1)
    more = len(found) > size
    found = found[:size]
    return Page(found, _cursor(found[-1], order) if more else "")


def _cursor(ticket: Ticket, order: str) -> str:
    moment = ticket.due_at if order == "due" else ticket.created_at
    return f"{moment.timestamp():.6f}_{ticket.pk}" if moment else f"{NO_DUE}_{ticket.pk}"


def _read(cursor: str) -> tuple[datetime | None, int] | None:
    """(moment or None, id); None for no cursor or a broken one."""
    from datetime import UTC

    left, _, right = cursor.partition("_")
    try:
        return (None if left == NO_DUE else datetime.fromtimestamp(float(left), UTC)), int(right)
    except (ValueError, OverflowError, OSError):
        return None


def _by_due(rows: QuerySet[Ticket], after: str, limit: int) -> list[Ticket]:
    """Soonest due first; open ones whose clock stands still come last, oldest first."""
    place = _read(after)
    found: list[Ticket] = []
    dated = rows.filter(due_at__isnull=False)
    if place is None or place[0] is not None:
        if place is not None:
            dated = dated.filter(due_at__gte=place[0]).filter(Q(due_at__gt=place[0]) | Q(pk__gt=place[1]))
        found = list(dated.order_by("due_at", "pk")[:limit])
    if len(found) < limit:
        rest = rows.filter(due_at__isnull=True, status__in=OPEN)
        if place is not None and place[0] is None:
            rest = rest.filter(pk__gt=place[1])
        found += rest.order_by("pk")[: limit - len(found)]
    return found


def _newest(rows: QuerySet[Ticket], after: str, limit: int) -> list[Ticket]:
    place = _read(after)
    if place is not None and place[0] is not None:
        rows = rows.filter(created_at__lte=place[0]).filter(Q(created_at__lt=place[0]) | Q(pk__lt=place[1]))
    return list(rows.order_by("-created_at", "-pk")[:limit])
