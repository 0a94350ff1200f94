"""Counts with names: what the side of the search page shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.http import QueryDict

from directory.models import Category, Department, Region
from ticketing.terms import Channel, Kind, Status

from .documents import Count

LABELS = {
    "kind": "诉求类型",
    "status": "状态",
    "category": "诉求分类",
    "region": "区域",
    "lead": "主办单位",
    "channel": "来源渠道",
    "tag": "标记",
}
TAGS = {
    "urgent": "紧急",
    "confidential": "保密",
    "late": "已超期",
    "suspected_110": "疑似110",
    "supervised": "督办中",
    "redone": "重办过",
}
MOST = 12


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Group:
    name: str
    label: str
    choices: tuple[Choice, ...]


def groups(counts: Mapping[str, tuple[Count, ...]], sent: QueryDict) -> list[Group]:
    """The groups with something in them; of trees, one level below what is chosen."""
    found = []
    for name, label in LABELS.items():
        chosen = sent.getlist(name)
        known = _names(name, [count.value for count in counts.get(name, ())], chosen)
        choices = [
            Choice(count.value, known[count.value], count.count, count.value in chosen)
            for count in counts.get(name, ())
            if count.value in known
        ]
        if choices:
            found.append(Group(name, label, tuple(choices[:MOST])))
    return found


def _names(name: str, values: Collection[str], chosen: Collection[str]) -> dict[str, str]:
    if name in ("kind", "status", "channel"):
        choices = {"kind": Kind.choices, "status": Status.choices, "channel": Channel.choices}[name]
        return {str(value): str(label) for value, label in choices}
    if name == "tag":
        return TAGS
    if name == "lead":
        numbers = [int(value) for value in values if value.isdigit()]
        return {str(row.pk): str(row) for row in Department.objects.filter(pk__in=numbers)}
    if name == "category":
        rows = Category.objects.filter(code__in=values).select_related("parent")
        return {
            row.code: row.name
            for row in rows
            if row.code in chosen or (row.parent.code in chosen if row.parent else not chosen)
        }
    places = Region.objects.filter(code__in=values)
    return {
        row.code: row.name for row in places if row.code in chosen or row.parent_id in chosen or row.level == "county"
    }
