"""The list of service items (政务服务事项) from a CSV file: what 评价覆盖事项率 is taken over.

Columns `code`, `name`, `unit` (a unit's code) and optionally `active` (1 or 0). Safe to repeat: a known code is
updated, nothing is deleted. All rows or none.
"""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from directory.loading import BadFile, rows
from directory.models import Department

from . import points
from .models import RatingPoint, ServiceItem

DEMO = Path(__file__).with_name("items.csv")
_ACTIVE = {"": True, "1": True, "0": False}


@transaction.atomic
def load(path: Path) -> int:
    """Returns how many items the file holds. Raises `BadFile` naming row and column."""
    units = {unit.code: unit for unit in Department.objects.all()}
    seen: set[str] = set()
    for line, row in rows(path, ("code", "name", "unit")):
        where = f"{path.name} 第{line}行"
        for column, most in (("code", 40), ("name", 160)):
            if not 1 <= len(row[column]) <= most:
                raise BadFile(f"{where}: {column} 应为 1 至 {most} 个字")
        if row["unit"] not in units:
            raise BadFile(f"{where}: unit 没有代码为 {row['unit'] or '（空）'} 的单位")
        if row.get("active", "") not in _ACTIVE:
            raise BadFile(f"{where}: active 只接受 1、0")
        if row["code"] in seen:
            raise BadFile(f"{where}: code {row['code']} 在文件中重复")
        seen.add(row["code"])
        facts = {"name": row["name"], "department": units[row["unit"]], "active": _ACTIVE[row.get("active", "")]}
        ServiceItem.objects.update_or_create(code=row["code"], defaults=facts)
    return len(seen)


def give_points() -> int:
    """A rating point, with its own printable code, for each active item that has none; returns how many were made."""
    without = ServiceItem.objects.filter(active=True).exclude(
        pk__in=RatingPoint.objects.filter(item__isnull=False).values("item")
    )
    made = [points.create(item.department, item=item) for item in without.select_related("department")]
    return len(made)
