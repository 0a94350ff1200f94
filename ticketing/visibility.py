"""Which tickets an actor may know of. Every list, search, count and API answer starts from here."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import In

from directory.models import HOTLINE_ROLES, Role
from ticketing.errors import TicketNotFound
from ticketing.lifecycle.actors import Actor
from ticketing.models import Assignment, Ticket
from ticketing.terms import ASSIGNMENT_GONE


def visible(actor: Actor, tickets: QuerySet[Ticket] | None = None) -> QuerySet[Ticket]:
    """The tickets that exist for `actor`: by region for the hotline and the auditor, by share for units, own for
    citizens, window clerks and API keys, all for the system."""
    rows = Ticket.objects.all() if tickets is None else tickets
    if actor.kind == "system":
        return rows
    if actor.kind == "citizen":
        return rows.filter(pk__in=actor.owns)
    if actor.kind == "api":
        rows = rows.filter(city_id=actor.region)
        own = {"channel": actor.channel, "source": actor.source}
        return rows if "all" in actor.scopes else rows.filter(**{name: value for name, value in own.items() if value})
    return rows.filter(_of_staff(actor)) if actor.standing else rows.none()


def _of_staff(actor: Actor) -> Q:
    standing = actor.standing
    assert standing is not None
    allowed = Q(pk__in=[])
    if standing.has(*HOTLINE_ROLES, Role.AUDITOR):
        allowed |= _in_regions(standing.regions)
    if standing.departments:
        shares = Assignment.objects.filter(ticket=OuterRef("pk"), department_id__in=standing.departments).exclude(
            status__in=ASSIGNMENT_GONE
        )
        allowed |= Q(Exists(shares))
    if standing.has(Role.WINDOW_CLERK):
        allowed |= Q(taken_by_id=standing.staff_id)
    return allowed


def _in_regions(regions: frozenset[str]) -> Q:
    """By city and by place. Who holds a whole city sees most tickets: there the condition is written so that no index
    fits it, or SQLite would collect the whole city before it looks at the queue's own index."""
    cities = [code for code in regions if len(code) <= 6]
    if not any(code.endswith("00") for code in cities):
        return Q(city_id__in=cities) | Q(region_id__in=regions)
    return Q(_is_in("city_id", cities)) | Q(_is_in("region_id", regions))


def _is_in(column: str, codes: Iterable[str]) -> In:
    return In(Coalesce(F(column), Value("")), sorted(codes))


def get(actor: Actor, number: str) -> Ticket:
    """The ticket with that number, or `TicketNotFound`, whether it does not exist or may not be known of."""
    found = visible(actor).filter(number=number).first()
    if found is None:
        raise TicketNotFound("没有这张工单")
    return found
