"""A small city for search tests: two districts, three units, and one person of every role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from directory.access import forget_trees
from directory.models import Category, Department, Region, Role, RoleBinding, Staff
from ticketing.lifecycle.actors import Actor, staff_actor
from ticketing.models import Assignment, Identity, Ticket
from ticketing.privacy.crypto import keyed_hash
from ticketing.search import trees
from ticketing.terms import Part


@dataclass
class City:
    """`people` by role; the hotline's work for the district of Jinshui only, the supervisor for the whole city."""

    people: dict[str, Actor] = field(default_factory=dict)
    units: dict[str, Department] = field(default_factory=dict)
    made: int = 0

    def ticket(self, title: str, body: str = "", *, region: str = "410105", lead: str = "", **more: Any) -> Ticket:
        """A ticket as the lifecycle leaves it: row, identity and share."""
        self.made += 1
        phone = more.pop("phone", "")
        given = {
            "number": f"26010112{self.made:010d}",
            "channel": "phone",
            "kind": "complaint",
            "city_id": "410100",
            "region_id": region,
            "title": title,
            "body": body or title,
            "created_at": timezone.now(),
            "version": 1,
            "lead": self.units.get(lead),
            **more,
        }
        ticket = Ticket.objects.create(**given)
        Identity.objects.create(ticket=ticket, phone_hash=keyed_hash("phone", phone))
        if lead:
            self.share(ticket, lead)
        return ticket

    def share(self, ticket: Ticket, unit: str, part: str = Part.LEAD, **more: Any) -> Assignment:
        return Assignment.objects.create(ticket=ticket, department=self.units[unit], part=part, **more)


def build() -> City:
    city = City()
    Region.objects.get_or_create(code="410000", defaults={"name": "河南省", "level": "province"})
    Region.objects.get_or_create(code="410100", defaults={"name": "郑州市", "level": "city", "parent_id": "410000"})
    for code, name in (("410105", "金水区"), ("410103", "二七区")):
        Region.objects.get_or_create(code=code, defaults={"name": name, "level": "county", "parent_id": "410100"})
    Category.objects.get_or_create(code="01", defaults={"name": "城乡建设", "level": 1, "path": "城乡建设"})
    bureau = _unit(city, "bureau", None)
    _unit(city, "section", bureau)
    _unit(city, "other", None)
    for role in Role.values:
        unit = {Role.HANDLER: "section", Role.UNIT_HEAD: "bureau"}.get(Role(role))
        region = "410100" if role == Role.SUPERVISOR else "410105"
        city.people[role] = _person(role, role, city.units.get(unit or ""), None if unit else region)
    city.people["nobody"] = _person("nobody", "", None, None)
    city.people["stranger"] = _person("stranger", Role.HANDLER, city.units["other"], None)
    forget_trees()
    trees.forget()
    return city


def _unit(city: City, code: str, superior: Department | None) -> Department:
    unit = Department.objects.create(
        code=f"t-{code}", name=f"测试单位{code}", short_name=code, superior=superior, region_id="410100"
    )
    city.units[code] = unit
    return unit


def _person(name: str, role: str, unit: Department | None, region: str | None) -> Actor:
    staff = Staff.objects.create(username=f"t-{name}", name=name)
    if role:
        RoleBinding.objects.create(staff=staff, role=role, department=unit, region_id=region)
    return staff_actor(staff)
