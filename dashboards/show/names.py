"""Names of the breakdowns' keys, and the tree above them; remembered for a minute."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe

from directory.models import Category, Department, Region, RegionLevel
from ticketing.reviews.terms import ReviewChannel
from ticketing.terms import Channel, Kind, Satisfaction

SECONDS = 60
NOT_GIVEN = "未填"


@dataclass(frozen=True)
class Name:
    """`code` is what stands in an address; `group` the key it is added up under (district, first-level category);
    `kind` what kind of unit it is."""

    code: str
    label: str
    group: str
    kind: str = ""


def _units() -> dict[str, Name]:
    rows = Department.objects.values_list("pk", "code", "short_name", "name", "kind")
    return {str(pk): Name(code, short or name, str(pk), kind) for pk, code, short, name, kind in rows}


def _regions() -> dict[str, Name]:
    rows = list(Region.objects.values_list("code", "name", "parent_id", "level"))
    return {
        code: Name(code, name, parent if level == RegionLevel.STREET and parent else code)
        for code, name, parent, level in rows
    }


def _categories() -> dict[str, Name]:
    rows = list(Category.objects.values_list("pk", "code", "path"))
    tops = {path: str(pk) for pk, _, path in rows if "/" not in path}
    return {str(pk): Name(code, path, tops.get(path.split("/")[0], str(pk))) for pk, code, path in rows}


def _choices(pairs: list[tuple[object, object]]) -> dict[str, Name]:
    return {str(value): Name(str(value), str(label), str(value)) for value, label in pairs}


_READERS = {"unit": _units, "region": _regions, "category": _categories}
_FIXED = {
    "kind": _choices(list(Kind.choices)),
    "channel": _choices(list(Channel.choices)),
    "rating_channel": _choices(list(ReviewChannel.choices)),
    "level": _choices(list(Satisfaction.choices)),
}


def names(cut: str) -> dict[str, Name]:
    """Key → name of a breakdown."""
    if cut in _FIXED:
        return _FIXED[cut]
    found: dict[str, Name] | None = cache.get(f"figures.names.{cut}")
    if found is None:
        found = _READERS[cut]()
        cache.set(f"figures.names.{cut}", found, SECONDS)
    return found


def label(cut: str, key: str) -> str:
    known = names(cut).get(key)
    return known.label if known else key or NOT_GIVEN


#: a longer list of units is no help, and makes every page heavy
MOST_LISTED = 600


def unit_list() -> SafeString:
    """The units by name, for an input to suggest; nothing where there are too many."""
    found: str | None = cache.get("figures.names.unit_list")
    if found is None:
        known = names("unit").values()
        options = "".join(f'<option value="{escape(unit.label)}">' for unit in known)
        found = f'<datalist id="f-units">{options}</datalist>' if len(known) <= MOST_LISTED else ""
        cache.set("figures.names.unit_list", found, SECONDS)
    return mark_safe(found)
