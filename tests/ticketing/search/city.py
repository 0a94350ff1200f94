"""The small city of all tests with one person of every role, as search sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from directory.access import forget_trees
from directory.models import Role, RoleBinding, Staff
from tests import city as cities
from tests.city import CITY, DISTRICT
from ticketing.lifecycle.actors import Actor, staff_actor
from ticketing.models import Assignment, Identity, Ticket
from ticketing.privacy.crypto import keyed_hash
from ticketing.search import trees
from ticketing.terms import Part

#: who stands for a unit; the handler's is below the head's
_UNITS = {Role.HANDLER: "lights", Role.UNIT_HEAD: "urban"}


@dataclass
class City(cities.City):
    """`people` by role, plus `nobody` without one and `stranger` of another unit.

    The hotline's people work for one district, the supervisor for the whole city.
    """

    people: dict[str, Actor] = field(default_factory=dict)
    made: int = 0

    def ticket(self, title: str, body: str = "", *, region: str = DISTRICT, lead: str = "", **more: Any) -> Ticket:
        """A ticket as the lifecycle leaves it: row, identity and share."""
        self.made += 1
        phone = more.pop("phone", "")
        given = {
            "number": f"26010112{self.made:010d}",
            "channel": "phone",
            "kind": "complaint",
            "city_id": CITY,
            "region_id": region,
            "title": title,
            "body": body or title,
            "created_at": timezone.now(),
            "version": 1,
            "lead": self.unit.get(lead),
            **more,
        }
        ticket = Ticket.objects.create(**given)
        Identity.objects.create(ticket=ticket, phone_hash=keyed_hash("phone", phone))
        if lead:
            self.share(ticket, lead)
        return ticket

    def share(self, ticket: Ticket, unit: str, part: str = Part.LEAD, **more: Any) -> Assignment:
        return Assignment.objects.create(ticket=ticket, department=self.unit[unit], part=part, **more)


def build() -> City:
    city = City(**vars(cities.build()))
    for role in Role.values:
        city.people[role] = _person(city, role, role)
    city.people["nobody"] = _person(city, "nobody", "")
    city.people["stranger"] = city.actor("stranger")
    forget_trees()
    trees.forget()
    return city


def _person(city: City, name: str, role: str) -> Actor:
    staff = Staff.objects.create(username=f"t-{name}", name=name)
    unit = city.unit.get(_UNITS.get(Role(role), "")) if role else None
    region = CITY if role == Role.SUPERVISOR else DISTRICT
    if role:
        RoleBinding.objects.create(staff=staff, role=role, department=unit, region_id=None if unit else region)
    return staff_actor(staff)
