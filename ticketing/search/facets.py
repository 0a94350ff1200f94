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
    """`count` is None for what is chosen and was not counted: nothing has it, or the engine is away."""

    value: str
    label: str
    count: int | None
    chosen: bool


@dataclass(frozen=True)
class Group:
    name: str
    label: str
    choices: tuple[Choice, ...]


def groups(counts: Mapping[str, tuple[Count, ...]], sent: QueryDict) -> list[Group]:
    """The groups with something in them; of trees, one level below what is chosen. What is chosen is always among
    them, so that it can be seen and taken back when nothing was found."""
    found = []
    for name, label in LABELS.items():
        chosen = [value for value in sent.getlist(name)[:MOST] if value and "\0" not in value]
        amounts: dict[str, int | None] = {count.value: count.count for count in counts.get(name, ())}
        amounts |= {value: None for value in chosen if value not in amounts}
        known = _names(name, amounts, chosen)
        choices = [
            Choice(value, known[value], amount, value in chosen) for value, amount in amounts.items() if value in known
        ]
        choices.sort(key=lambda one: not one.chosen)  # stable: the counted ones keep their order
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
        numbers = [int(value) for value in values if value.isdecimal() and len(value) < 18]
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
