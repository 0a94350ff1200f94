"""The way from a region, category or unit up to its root; read once and kept for a few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.core.cache import cache

from directory.models import Category, Department, Region
from directory.models.places import RegionLevel

Key = TypeVar("Key", int, str)
KEEP_SECONDS = 20


def _parents(name: str, read: Callable[[], Iterable[tuple[Key, Key | None]]]) -> dict[Key, Key | None]:
    found: dict[Key, Key | None] | None = cache.get(f"search.{name}")
    if found is None:
        found = dict(read())
        cache.set(f"search.{name}", found, KEEP_SECONDS)
    return found


def _upwards(parents: dict[Key, Key | None], start: Key | None) -> tuple[Key, ...]:
    """From the root down to `start`."""
    path: list[Key] = []
    while start is not None and start not in path:
        path.append(start)
        start = parents.get(start)
    return tuple(reversed(path))


def region_path(code: str | None) -> tuple[str, ...]:
    return _upwards(_parents("regions", lambda: Region.objects.values_list("code", "parent_id")), code)


def region_names(code: str | None) -> tuple[str, ...]:
    """The names of the region and of those around it, below the city: what people call a place by."""
    names = _parents("names", _local_names)
    return tuple(name for part in region_path(code) if (name := names.get(part)))


def _local_names() -> Iterable[tuple[str, str | None]]:
    return Region.objects.exclude(level__in=(RegionLevel.PROVINCE, RegionLevel.CITY)).values_list("code", "name")


def unit_path(department_id: int | None) -> tuple[int, ...]:
    return _upwards(_parents("units", lambda: Department.objects.values_list("pk", "superior_id")), department_id)


def category_path(code: str | None) -> tuple[str, ...]:
    return _upwards(_parents("categories", lambda: Category.objects.values_list("code", "parent__code")), code)


def forget() -> None:
    cache.delete_many(["search.regions", "search.names", "search.units", "search.categories"])
