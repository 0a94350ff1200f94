"""The long choices of the desk (units, categories, regions): remembered for a minute, found again by what was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.core.cache import cache
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from directory.models import Category, Department, Region, RegionLevel, Staff

SECONDS = 60
T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """`typed` is what stands in the field: a code and a name, both accepted alone too."""

    key: str
    code: str
    name: str
    also: str = ""

    @property
    def typed(self) -> str:
        return f"{self.code} {self.name}"


def units() -> list[Entry]:
    def read() -> list[Entry]:
        rows = Department.objects.filter(active=True).order_by("code")
        return [
            Entry(str(pk), code, short or name, name)
            for pk, code, short, name in rows.values_list("pk", "code", "short_name", "name")
        ]

    return _kept("units", read)


def people() -> list[Entry]:
    """Everybody with a log-in, by name."""

    def read() -> list[Entry]:
        rows = Staff.objects.order_by("pk").values_list("pk", "username", "name")
        return [Entry(str(pk), username, name or username) for pk, username, name in rows]

    return _kept("people", read)


def categories() -> list[Entry]:
    def read() -> list[Entry]:
        rows = Category.objects.filter(active=True).order_by("code").values_list("pk", "code", "path", "name")
        return [Entry(str(pk), code, path, name) for pk, code, path, name in rows]

    return _kept("categories", read)


def regions() -> list[Entry]:
    def read() -> list[Entry]:
        rows = Region.objects.order_by("code").values_list("code", "name")
        return [Entry(code, code, name) for code, name in rows]

    return _kept("regions", read)


def districts() -> list[tuple[str, str]]:
    """(code, name) down to districts: short enough for a plain list."""

    def read() -> list[tuple[str, str]]:
        rows = Region.objects.exclude(level=RegionLevel.STREET).order_by("code")
        return [(code, name) for code, name in rows.values_list("code", "name")]

    return _kept("districts", read)


def _kept(name: str, read: Callable[[], list[T]]) -> list[T]:
    found: list[T] | None = cache.get(f"desk.list.{name}")
    if found is None:
        found = read()
        cache.set(f"desk.list.{name}", found, SECONDS)
    return found


def search(entries: list[Entry], typed: str) -> Entry | None:
    """The entry meant by `typed`: its code, its name, both, or a part that only one name holds."""
    text = typed.strip()
    head = text.split(" ", 1)[0]
    for entry in entries:
        if text in (entry.typed, entry.code, entry.name, entry.also) or (head == entry.code and " " in text):
            return entry
    near = [entry for entry in entries if text and (text in entry.name or text in entry.also)]
    return near[0] if len(near) == 1 else None


def datalist(name: str, entries: list[Entry]) -> SafeString:
    """The `<datalist>` of a page, remembered ready-made: it is the same for everybody."""
    key = f"desk.datalist.{name}"
    made: SafeString | None = cache.get(key)
    if made is None:
        options = format_html_join("", '<option value="{}">{}</option>', ((e.typed, e.also) for e in entries))
        made = SafeString(f'<datalist id="{name}">{options}</datalist>')
        cache.set(key, made, SECONDS)
    return made
