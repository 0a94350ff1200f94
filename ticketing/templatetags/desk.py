"""The desk's navigation and small words for its templates; any page that extends `desk/base.html` gets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.safestring import SafeString

from directory.models import HOTLINE_ROLES, UNIT_ROLES, Role, Staff
from directory.worktime.times import due_text, moment_text
from ticketing.desk.access import actor_of
from ticketing.desk.notices import unread
from ticketing.desk.roles import ANALYSTS, READERS, TAKERS, WATCHERS, WORDING_READERS
from ticketing.lifecycle.actors import Actor
from ticketing.refusals import return_grounds

register = template.Library()


@dataclass(frozen=True)
class Entry:
    label: str
    address: str
    roles: frozenset[Role]
    key: str = ""


#: what stands in the bar: shown to these roles, and only when this installation has the page
BAR = (
    Entry("工作台", "/desk/", frozenset(Role), "1"),
    Entry("登记工单", "/desk/new/", TAKERS, "n"),
    Entry("话务台", "/console/", frozenset({Role.AGENT, Role.SUPERVISOR, Role.CALLBACK_CLERK})),
    Entry("检索", "/desk/search/", HOTLINE_ROLES | UNIT_ROLES | {Role.AUDITOR, Role.WINDOW_CLERK}, "s"),
    Entry("督办", "/desk/supervision/", WATCHERS),
    Entry("热点", "/desk/hotspots/", ANALYSTS),
    Entry("数据", "/figures/", WATCHERS | {Role.UNIT_HEAD, Role.AUDITOR}),
    Entry("差评整改", "/figures/rectify/", frozenset({Role.HANDLER, Role.UNIT_HEAD, Role.CALLBACK_CLERK})),
    Entry("评价码", "/figures/reviews/points/", frozenset({Role.WINDOW_CLERK})),
    Entry("知识库", "/knowledge/", frozenset(Role)),
    Entry("智能分类", "/desk/language/", WORDING_READERS),
    Entry("通知记录", "/desk/notices/", READERS),
    Entry("系统管理", "/admin/", frozenset({Role.ADMINISTRATOR})),
)


@dataclass(frozen=True)
class Nav:
    name: str
    roles: str
    entries: list[tuple[Entry, bool]]
    inbox: bool
    unread: int


@lru_cache(maxsize=64)
def _exists(address: str) -> bool:
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


@register.simple_tag(takes_context=True)
def desk_nav(context: dict[str, Any]) -> Nav | None:
    """The bar of the person logged in; None on a page without a log-in."""
    request = context.get("request")
    if request is None or not isinstance(request.user, Staff):
        return None
    actor = actor_of(request)
    standing = actor.standing
    assert standing is not None
    found = [entry for entry in BAR if standing.has(*entry.roles) and _exists(entry.address)]
    # an address may lie below another entry's: the longest is where one is
    here = max((len(entry.address) for entry in found if _here(entry.address, request.path)), default=0)
    entries = [(e, _here(e.address, request.path) and len(e.address) == here) for e in found]
    labels = "、".join(Role(role).label for role in sorted(standing.roles) if role in Role.values)
    return Nav(standing.name, labels, entries, bool(standing.bounds), _unread(actor))


def _here(address: str, path: str) -> bool:
    return path == address if address == "/desk/" else path.startswith(address)


def _unread(actor: Actor) -> int:
    return unread(actor, timezone.now() - timedelta(days=30))


@register.filter
def entry_code(text: str) -> str:
    """The code of the knowledge entry that a message names first; "" for none."""
    found = re.search(r"知识条目 (K\d+)", text)
    return found.group(1) if found else ""


@register.filter
def moment(value: Any) -> str:
    """A time in local words: `2025年9月5日10:00`; "" for none."""
    return moment_text(value) if value else ""


@register.filter
def limit(value: Any) -> str:
    """A due time, midnight written as 24:00 of the day before."""
    return due_text(value) if value else ""


@register.filter
def yes_no(value: Any) -> str:
    return "未登记" if value in (None, "") else "是" if value else "否"


@register.filter
def ground(code: str) -> str:
    """The name of a return's ground."""
    entry = return_grounds().get(code)
    return entry.name if entry else code


@register.filter
def widget(bound: BoundField) -> SafeString:
    """The field's widget with what a screen reader needs to know of its help and its errors."""
    attributes: dict[str, str | bool] = {}
    described = []
    if bound.help_text:
        described.append(f"{bound.id_for_label}_help")
    if bound.errors:
        attributes["aria-invalid"] = "true"
        described.append(f"{bound.id_for_label}_errors")
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return bound.as_widget(attrs=attributes)


@register.filter
def is_tick(bound: BoundField) -> bool:
    return getattr(bound.field.widget, "input_type", "") == "checkbox"
