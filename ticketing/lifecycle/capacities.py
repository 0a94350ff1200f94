"""In what capacity an actor stands towards a ticket; nothing at all means the ticket does not exist for the actor."""

from __future__ import annotations

from collections.abc import Iterable

from directory.models import Role
from ticketing.models import Assignment, Ticket
from ticketing.terms import ASSIGNMENT_GONE, ASSIGNMENT_OPEN, Part

from .actors import Actor
from .table import Capacity

_BY_ROLE = {
    Role.AGENT: Capacity.AGENT,
    Role.DISPATCHER: Capacity.DISPATCHER,
    Role.CHECKER: Capacity.CHECKER,
    Role.CALLBACK_CLERK: Capacity.CALLBACK_CLERK,
    Role.SUPERVISOR: Capacity.SUPERVISOR,
}


def is_lead(assignment: Assignment) -> bool:
    """The share that answers for the ticket: the open or finished lead on the first level."""
    return assignment.parent_id is None and assignment.part == Part.LEAD and assignment.status not in ASSIGNMENT_GONE


def capacities(actor: Actor, ticket: Ticket, assignments: Iterable[Assignment]) -> frozenset[Capacity]:
    """Every capacity of `actor` towards `ticket`.

    Hotline roles count in their regions; unit roles through shares that are not returned or cancelled; a citizen
    through proven ownership; an API key as `Actor.owns_as_system` says.
    """
    if actor.kind == "system":
        return frozenset({Capacity.SYSTEM})
    if actor.kind == "citizen":
        owned = ticket.pk in actor.owns or ticket.pk is None
        return frozenset({Capacity.CITIZEN}) if owned else frozenset()
    if actor.kind == "api":
        own = actor.owns_as_system(ticket.city_id, ticket.channel, ticket.source)
        return frozenset({Capacity.API}) if own else frozenset()
    return frozenset(_of_staff(actor, ticket, list(assignments)))


def _of_staff(actor: Actor, ticket: Ticket, assignments: list[Assignment]) -> set[Capacity]:
    standing = actor.standing
    if standing is None:
        return set()
    found: set[Capacity] = set()
    for role, capacity in _BY_ROLE.items():
        if standing.has(role) and (
            standing.holds_in(role, ticket.city_id) or (ticket.region_id and standing.holds_in(role, ticket.region_id))
        ):
            found.add(capacity)
    if standing.has(Role.WINDOW_CLERK) and (ticket.pk is None or ticket.taken_by_id == standing.staff_id):
        found.add(Capacity.WINDOW_CLERK)
    handlers, heads = standing.departments, standing.units(Role.UNIT_HEAD)
    if handlers:
        found |= _of_unit(assignments, handlers, heads)
    return found


def _of_unit(assignments: list[Assignment], units: frozenset[int], heads: frozenset[int]) -> set[Capacity]:
    found: set[Capacity] = set()
    by_id = {assignment.pk: assignment for assignment in assignments}
    for assignment in assignments:
        if assignment.status in ASSIGNMENT_GONE:
            continue
        parent = by_id.get(assignment.parent_id) if assignment.parent_id else None
        if assignment.department_id in units:
            leads = is_lead(assignment)
            found.add(Capacity.LEAD if leads else Capacity.SHARE)
            if assignment.department_id in heads:
                found.add(Capacity.LEAD_HEAD if leads else Capacity.SHARE_HEAD)
        if parent is not None and parent.department_id in units and assignment.status in ASSIGNMENT_OPEN:
            found.add(Capacity.ABOVE)
    return found
