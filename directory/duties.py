"""Department = category × place: the dispatch catalogue (派单目录) as a question and an answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from django.core.cache import cache
from django.db.models import Q

from .models import Category, Duty, Region

_STATE = "directory.duties"


@dataclass(frozen=True)
class Responsible:
    """Who leads and who assists, and why."""

    lead_id: int
    assist_ids: tuple[int, ...]
    duty_id: int
    reason: str
    binding: bool  # the row comes from a ruling


def state() -> str:
    """A mark of what the catalogue says now; what was remembered under another mark no longer holds."""
    return str(cache.get(_STATE) or "")


def changed() -> None:
    """To be called after a change was committed: the very next ticket is routed by it, in every process that shares
    the cache; elsewhere within a minute."""
    cache.set(_STATE, secrets.token_hex(8), None)


def chain(region_code: str | None) -> list[str]:
    """The region and all regions above it, nearest first."""
    found: list[str] = []
    parents: dict[str, str | None] = dict(Region.objects.values_list("code", "parent_id")) if region_code else {}
    code = region_code or None
    while code and code not in found:
        found.append(code)
        code = parents.get(code)
    return found


def category_chain(category: Category) -> list[int]:
    """Ids of the category and its ancestors, leaf first."""
    found = [category.pk]
    node = category
    while node.parent_id is not None and node.parent is not None:
        node = node.parent
        found.append(node.pk)
    return found


def responsible(
    category: Category | None, region_code: str | None, on: date, *, but: int | None = None
) -> Responsible | None:
    """The unit that leads for `category` at `region_code` on the day `on`, or None.

    The most specific (category, region) wins: deeper region first, then deeper category; a ruling beats a plain row of
    the same depth, then the newest. `but` leaves one unit out: the one complained about.
    """
    if category is None:
        return None
    categories = category_chain(category)
    regions = chain(region_code)
    rows = (
        Duty.objects.filter(category_id__in=categories, valid_from__lte=on)
        .filter(Q(region_id__in=regions) | Q(region__isnull=True))
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        .filter(lead__active=True)
        .select_related("category", "region", "lead")
        .prefetch_related("assists")
    )
    if but is not None:
        rows = rows.exclude(lead_id=but)

    def rank(duty: Duty) -> tuple[int, int, int, int, int]:
        place = regions.index(duty.region_id) if duty.region_id else len(regions) + 1
        return (
            place,
            categories.index(duty.category_id),
            0 if duty.source_ruling else 1,
            -duty.valid_from.toordinal(),
            -duty.pk,
        )

    best = min(rows, key=rank, default=None)
    if best is None:
        return None
    basis = f"，依据：{best.legal_basis}" if best.legal_basis else ""
    ruling = f"，裁定 {best.source_ruling}" if best.source_ruling else ""
    return Responsible(
        best.lead_id,
        tuple(unit.pk for unit in best.assists.all() if unit.pk != but),
        best.pk,
        f"派单目录：{best.category.name} × {best.region.name if best.region else '全市'} → {best.lead}{ruling}{basis}",
        bool(best.source_ruling),
    )
