"""Who is on duty for a unit at a moment, in the order in which they are rung (值班表)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .models import Department, Deputy, DutyShift


@dataclass(frozen=True)
class OnDuty:
    """One number to ring. `staff_id`: None for a unit's own duty room; `for_staff_id`: whom a deputy stands for."""

    department_id: int
    staff_id: int | None
    for_staff_id: int | None
    phone: str = field(repr=False)


def on_duty(unit: Department, at: datetime) -> list[OnDuty]:
    """The unit's shifts in the order in which they began, then its own telephone; then the same of the units above.

    An absent person's deputy is rung instead of that person, on the deputy's number or else on the shift's. Rows
    without a number are left out, and so is a number that stands further up already.
    """
    found: dict[str, OnDuty] = {}
    level: Department | None = unit
    seen: set[int] = set()
    while level is not None and level.pk not in seen:
        seen.add(level.pk)
        for person in [*_shifts(level, at), OnDuty(level.pk, None, None, level.phone)]:
            if person.phone:
                found.setdefault(person.phone, person)
        level = level.superior
    return list(found.values())


def _shifts(unit: Department, at: datetime) -> list[OnDuty]:
    shifts = DutyShift.objects.filter(department=unit, starts_at__lte=at, ends_at__gt=at, staff__is_active=True)
    rows = list(shifts.order_by("starts_at", "pk"))
    away = Deputy.objects.filter(absent__in=[row.staff_id for row in rows], starts_at__lte=at, ends_at__gt=at)
    deputies = {row.absent_id: row for row in away.filter(deputy__is_active=True).order_by("-pk")}
    people = []
    for row in rows:
        deputy = deputies.get(row.staff_id)
        if deputy is None:
            people.append(OnDuty(unit.pk, row.staff_id, None, row.phone))
        else:
            people.append(OnDuty(unit.pk, deputy.deputy_id, row.staff_id, deputy.phone or row.phone))
    return people
