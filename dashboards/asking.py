"""What the address asks for: period and filters, parsed once.

Every filter stands in the address, so a view can be sent. A wrong value is named in `errors` and left out; what
somebody may not see is never widened by a filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import Q

from dashboards.access import Viewer
from dashboards.measures import scope as scopes
from dashboards.measures.counting import today
from dashboards.measures.scope import Period, Scope, month_end
from directory.models import Category, Department, Region
from ticketing.terms import Channel, Kind

PRESETS = (
    ("today", "今天"),
    ("yesterday", "昨天"),
    ("week", "近7日"),
    ("month", "本月"),
    ("last_month", "上月"),
    ("year", "本年"),
)
LONGEST = 1100  # days; three years with leap days


@dataclass(frozen=True)
class Asked:
    """`values` is what stands in the form; `labels` names the filters in words."""

    period: Period
    scope: Scope
    values: dict[str, str]
    labels: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def address(self, **changes: str) -> str:
        """The query string of this view with some values changed; "" takes one out."""
        merged = {**self.values, **changes}
        return urlencode({name: value for name, value in merged.items() if value})

    @property
    def narrowed(self) -> str:
        """The filters without the period, to be put behind another period: `&kind=…`, or nothing."""
        kept = self.address(**{"from": "", "to": ""})
        return f"&{kept}" if kept else ""


def parse(raw: Mapping[str, str], viewer: Viewer) -> Asked:
    """Reads an address. Without a period: this month until today."""
    errors: list[str] = []
    period, values = _period(raw, errors)
    scope, labels = viewer.scope, {}
    for name, read in _READERS.items():
        text = raw.get(name, "").strip()
        if not text:
            continue
        found = read(text)
        if found is None:
            errors.append(f"“{name}”的值不存在：{text[:40]}")
            continue
        keys, label, code = found
        if name == "unit" and raw.get("own") == "1":  # as a month's appraisal counts: each unit for itself
            keys, label = frozenset({str(Department.objects.get(code=code).pk)}), f"{label}（不含下级）"
            values["own"] = "1"
        scope = scope.limited(**{name: keys})
        values[name], labels[name] = code, label
    return Asked(period, scope, values, labels, errors)


def _period(raw: Mapping[str, str], errors: list[str]) -> tuple[Period, dict[str, str]]:
    now = today()
    preset = raw.get("preset", "")
    if preset in dict(PRESETS):
        period = _preset(preset, now)
    else:
        first, last = _day(raw, "from", now.replace(day=1), errors), _day(raw, "to", now, errors)
        if last < first or (last - first).days > LONGEST:
            errors.append(f"“from”应不晚于“to”，且最长 {LONGEST} 天")
            first, last = now.replace(day=1), now
        period = Period(first, last)
    return period, {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _preset(name: str, now: date) -> Period:
    if name == "today":
        return Period(now, now)
    if name == "yesterday":
        return Period(now - timedelta(days=1), now - timedelta(days=1))
    if name == "week":
        return Period(now - timedelta(days=6), now)
    if name == "last_month":
        end = now.replace(day=1) - timedelta(days=1)
        return Period(end.replace(day=1), month_end(end))
    return Period(now.replace(month=1, day=1) if name == "year" else now.replace(day=1), now)


def _day(raw: Mapping[str, str], name: str, default: date, errors: list[str]) -> date:
    text = raw.get(name, "").strip()
    if not text:
        return default
    try:
        return scopes.day_of(text)
    except ValueError as error:
        errors.append(f"“{name}”：{error}")
        return default


#: keys, name, and what stands in the address
Read = tuple[frozenset[str], str, str] | None


def _unit(text: str) -> Read:
    """By code, or by its name when only one unit is called so."""
    row = Department.objects.filter(code=text).first()
    if row is None:
        named = Department.objects.filter(Q(short_name=text) | Q(name=text))[:2]
        row = named[0] if len(named) == 1 else None
    return (scopes.units(row.pk), str(row), row.code) if row else None


def _region(text: str) -> Read:
    row = Region.objects.filter(pk=text).first()
    return (scopes.regions(text), row.name, text) if row else None


def _category(text: str) -> Read:
    row = Category.objects.filter(code=text).first()
    return (scopes.categories(row.pk), row.path, text) if row else None


def _kind(text: str) -> Read:
    return (frozenset({text}), str(Kind(text).label), text) if text in Kind.values else None


def _channel(text: str) -> Read:
    return (frozenset({text}), str(Channel(text).label), text) if text in Channel.values else None


_READERS = {"unit": _unit, "region": _region, "category": _category, "kind": _kind, "channel": _channel}
