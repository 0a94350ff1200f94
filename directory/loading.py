"""Loading a city's directory from CSV files: regions, units, categories, duties, staff, seats.

Every loader is idempotent on the code of its rows and names the row and column of what it refuses; `load_city` takes a
whole folder or nothing of it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from . import duties
from .access import forget_trees
from .models import Category, Department, DepartmentKind, Duty, Region, RegionLevel, Role, RoleBinding, Seat, Staff

DATA = Path(__file__).parent / "data"
DUTIES_SINCE = date(2020, 1, 1)


class BadFile(ValueError):
    """A directory file is wrong; the text names file, row and what is accepted."""


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """(row number as an editor shows it, row) of a CSV file that has at least `columns`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or [])]
        if missing:
            raise BadFile(f"{path.name}: 缺少列 {'、'.join(missing)}")
        for row in reader:
            yield reader.line_num, {name: (value or "").strip() for name, value in row.items() if name}


def load_regions(path: Path) -> int:
    count = 0
    for line, row in rows(path, ("code", "name", "parent", "level")):
        if row["level"] not in RegionLevel.values:
            raise BadFile(f"{path.name} 第{line}行: level 只接受 {'、'.join(RegionLevel.values)}")
        _known(Region.objects.filter(pk=row["parent"]).exists() or not row["parent"], path, line, "parent")
        Region.objects.update_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "parent_id": row["parent"] or None,
                "level": row["level"],
                "note": row.get("note", ""),
            },
        )
        count += 1
    return count


def load_departments(path: Path) -> int:
    entries = list(rows(path, ("code", "name", "short_name", "kind", "superior", "region")))
    units: dict[str, Department] = {}
    for line, row in entries:
        if row["kind"] not in DepartmentKind.values:
            raise BadFile(f"{path.name} 第{line}行: kind 只接受 {'、'.join(DepartmentKind.values)}")
        _known(Region.objects.filter(pk=row["region"]).exists(), path, line, "region")
        names = ("name", "short_name", "kind", "phone", "address", "duties_text")
        units[row["code"]], _ = Department.objects.update_or_create(
            code=row["code"],
            defaults={name: row.get(name, "") for name in names} | {"region_id": row["region"]},
        )
    for line, row in entries:
        if row["superior"]:
            _known(row["superior"] in units, path, line, "superior")
            unit = units[row["code"]]
            unit.superior = units[row["superior"]]
            unit.save(update_fields=["superior"])
    return len(entries)


def load_categories(path: Path) -> int:
    """The three-level tree; a row with only level1 (or level1, level2) describes that node itself."""
    by_path: dict[str, Category] = {}
    count = 0
    for line, row in rows(path, ("level1", "level2", "level3", "code")):
        names = [row[f"level{level}"] for level in (1, 2, 3) if row[f"level{level}"]]
        parent = by_path.get("/".join(names[:-1]))
        _known(bool(names) and (len(names) == 1 or parent is not None), path, line, "level1/level2")
        by_path["/".join(names)], _ = Category.objects.update_or_create(
            code=row["code"],
            defaults={
                "name": names[-1],
                "parent": parent,
                "level": len(names),
                "path": "/".join(names),
                "keywords": row.get("keywords", ""),
                "description": row.get("description", ""),
                "default_kind": row.get("default_kind", ""),
            },
        )
        count += 1
    return count


def load_duties(path: Path) -> int:
    units = dict(Department.objects.values_list("code", "pk"))
    categories = dict(Category.objects.values_list("code", "pk"))
    count = 0
    for line, row in rows(path, ("category_code", "region_code", "lead", "assists")):
        assists = [code for code in row["assists"].split(";") if code]
        _known(row["category_code"] in categories, path, line, "category_code")
        _known(row["lead"] in units and all(code in units for code in assists), path, line, "lead/assists")
        duty, _ = Duty.objects.update_or_create(
            category_id=categories[row["category_code"]],
            region_id=row["region_code"] or None,
            source_ruling="",
            valid_from=DUTIES_SINCE,
            defaults={"lead_id": units[row["lead"]], "legal_basis": row.get("legal_basis", "")},
        )
        duty.assists.set([units[code] for code in assists])
        count += 1
    return count


def load_staff(path: Path, password: str) -> int:
    """Staff with their roles; only accounts that are new get the password."""
    units = {"": None} | Department.objects.in_bulk(field_name="code")
    count, hashed = 0, make_password(password)  # once: a hash is slow on purpose
    for line, row in rows(path, ("username", "name", "job_number", "role", "department", "region")):
        if row["role"] not in Role.values:
            raise BadFile(f"{path.name} 第{line}行: role 只接受 {'、'.join(Role.values)}")
        _known(row["department"] in units, path, line, "department")
        person, new = Staff.objects.get_or_create(
            username=row["username"], defaults={"name": row["name"], "job_number": row["job_number"]}
        )
        if new:
            person.password = hashed
            person.is_staff = row["role"] == Role.ADMINISTRATOR
            person.save(update_fields=["password", "is_staff"])
        RoleBinding.objects.get_or_create(
            staff=person,
            role=row["role"],
            department=units[row["department"]],
            region_id=row["region"] or None,
        )
        count += 1
    return count


def load_seats(path: Path) -> int:
    count = 0
    for _, row in rows(path, ("number", "name", "region", "skills")):
        skills = [skill for skill in row["skills"].split(";") if skill]
        Seat.objects.update_or_create(
            number=row["number"], defaults={"name": row["name"], "region_id": row["region"], "skills": skills}
        )
        count += 1
    return count


def load_city(folder: Path, password: str) -> dict[str, int]:
    """Everything in `folder`, in one transaction: all of it or nothing."""
    steps: list[tuple[str, Callable[[Path], int]]] = [
        ("regions", load_regions),
        ("departments", load_departments),
        ("categories", load_categories),
        ("duties", load_duties),
        ("staff", lambda path: load_staff(path, password)),
        ("seats", load_seats),
    ]
    with transaction.atomic():
        counts = {name: load(folder / f"{name}.csv") for name, load in steps if (folder / f"{name}.csv").exists()}
    forget_trees()
    duties.changed()
    return counts


def _known(condition: bool, path: Path, line: int, column: str) -> None:
    if not condition:
        raise BadFile(f"{path.name} 第{line}行: {column} 指向不存在的记录")
