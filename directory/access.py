"""Who somebody is while acting: the standing of a staff member, worked out once per request.

A `Standing` is a value; the ticketing package turns it into querysets and permissions. Regions are closed downwards:
who is bound to a city holds its districts and sub-districts too. Units likewise: a bureau's people see their sections.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from .models import HOTLINE_ROLES, UNIT_ROLES, Department, Deputy, Region, Role, RoleBinding, Staff


@dataclass(frozen=True)
class Bound:
    """One role in force: `department`/`region` are a code each or "" for unbounded; `for_staff` when deputising."""

    role: str
    department_id: int | None
    region: str
    for_staff: int | None = None


@dataclass(frozen=True)
class Standing:
    """All roles a person holds at one moment."""

    staff_id: int
    name: str
    bounds: tuple[Bound, ...] = field(default=())

    def has(self, *roles: str) -> bool:
        return any(bound.role in roles for bound in self.bounds)

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(bound.role for bound in self.bounds)

    @cached_property
    def regions(self) -> frozenset[str]:
        """Codes of all regions in which a hotline role (or the auditor's) is held, closed downwards."""
        held = [b.region for b in self.bounds if b.role in HOTLINE_ROLES or b.role == Role.AUDITOR]
        return regions_below(held)

    @cached_property
    def departments(self) -> frozenset[int]:
        """Ids of all units for which a unit role is held, closed downwards."""
        held = [b.department_id for b in self.bounds if b.role in UNIT_ROLES and b.department_id]
        return departments_below(held)

    def units(self, *roles: str) -> frozenset[int]:
        """Ids of the units in which one of `roles` is held, closed downwards."""
        return departments_below([b.department_id for b in self.bounds if b.role in roles and b.department_id])

    def holds_in(self, role: str, region: str) -> bool:
        return any(b.role == role and region in regions_below([b.region]) for b in self.bounds)

    def acting_for(self, department_id: int) -> int | None:
        """The absent colleague whose role is used for this unit; None when acting in one's own name."""
        fitting = [b for b in self.bounds if b.department_id and department_id in departments_below([b.department_id])]
        if any(b.for_staff is None for b in fitting):
            return None
        return fitting[0].for_staff if fitting else None


def standing(staff: Staff, *, now: datetime | None = None) -> Standing:
    """The standing of `staff` at `now`: own roles in force, and unit roles of colleagues whose deputy this is."""
    moment = now or timezone.now()
    if not staff.is_active:
        return Standing(staff.pk, str(staff))
    absent = Deputy.objects.filter(deputy=staff, starts_at__lte=moment, ends_at__gt=moment).values("absent_id")
    today = timezone.localdate(moment)
    rows = RoleBinding.objects.filter(
        Q(staff=staff) | Q(staff_id__in=absent, role__in=UNIT_ROLES),
        Q(valid_from__isnull=True) | Q(valid_from__lte=today),
        Q(valid_to__isnull=True) | Q(valid_to__gte=today),
    ).values_list("role", "department_id", "region_id", "staff_id")
    bounds = tuple(
        Bound(role, department, region or "", None if holder == staff.pk else holder)
        for role, department, region, holder in rows
    )
    return Standing(staff.pk, str(staff), bounds)


def _tree(name: str, rows: Iterable[tuple[object, object]]) -> dict[object, list[object]]:
    children: dict[object, list[object]] = {}
    for key, parent in rows:
        children.setdefault(parent, []).append(key)
    cache.set(name, children, 60)
    return children


def _below(children: dict[object, list[object]], roots: Iterable[object]) -> frozenset[object]:
    found: set[object] = set()
    stack = list(roots)
    while stack:
        key = stack.pop()
        if key not in found:
            found.add(key)
            stack.extend(children.get(key, ()))
    return frozenset(found)


def regions_below(codes: Iterable[str]) -> frozenset[str]:
    """`codes` and all regions below them. An empty code ("") means every region."""
    wanted = list(codes)
    children = cache.get("directory.regions") or _tree(
        "directory.regions", Region.objects.values_list("code", "parent_id")
    )
    roots: list[object] = list(children.get(None, ())) if "" in wanted else list(wanted)
    return frozenset(str(code) for code in _below(children, roots))


def departments_below(ids: Iterable[int]) -> frozenset[int]:
    """`ids` and all units below them."""
    children = cache.get("directory.departments") or _tree(
        "directory.departments", Department.objects.values_list("pk", "superior_id")
    )
    return frozenset(int(str(key)) for key in _below(children, list(ids)))


def forget_trees() -> None:
    """Drops the cached trees; called after the directory was changed in this process."""
    cache.delete_many(["directory.regions", "directory.departments"])
