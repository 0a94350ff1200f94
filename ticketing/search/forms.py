"""What the search page sends, parsed once into a query."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from .documents import FIELDS, Query, Sort
from .text import normalise

_PHONE = re.compile(r"^(?:\+?86)?(1[3-9]\d{9})$")
_BETWEEN = re.compile(r"[\s-]+")
YEARS = (1970, 2199)
DAYS = ("created_from", "created_to", "due_from", "due_to")
SORTS = [(Sort.RELEVANCE, "相关度"), (Sort.NEWEST, "最新"), (Sort.OLDEST, "最早"), (Sort.DUE, "期限")]


class SearchForm(forms.Form):
    """Sent by POST: what people type may be a name or a phone, and addresses end up in logs."""

    text = forms.CharField(label="关键词", max_length=400, required=False)
    phone = forms.CharField(label="来电号码", max_length=30, required=False)
    created_from = forms.DateField(label="受理日期起", required=False)
    created_to = forms.DateField(label="受理日期止", required=False)
    due_from = forms.DateField(label="期限起", required=False)
    due_to = forms.DateField(label="期限止", required=False)
    sort = forms.ChoiceField(label="排序", choices=SORTS, required=False, initial=Sort.RELEVANCE)
    cursor = forms.CharField(max_length=400, required=False)

    def clean(self) -> dict[str, Any]:
        """A mobile number typed into the box of words is looked up as a phone."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        typed = _PHONE.match(_BETWEEN.sub("", normalise(given.get("text", ""))))
        if typed and not given.get("phone"):
            given["phone"], given["text"] = typed.group(1), ""
        for name in DAYS:
            if given.get(name) and not YEARS[0] <= given[name].year <= YEARS[1]:
                self.add_error(name, f"请填写 {YEARS[0]} 年至 {YEARS[1]} 年之间的日期")
        for low, high in (("created_from", "created_to"), ("due_from", "due_to")):
            if given.get(low) and given.get(high) and given[low] > given[high]:
                self.add_error(high, "截止日期不能早于起始日期")
        return given

    def query(self, sent: QueryDict) -> Query:
        """The query; `sent` holds the chosen facet values, several of a field meaning any of them."""
        given = self.cleaned_data
        return Query(
            text=given["text"],
            filters={name: values for name in FIELDS if (values := _values(sent, name))},
            created_from=_start(given["created_from"]),
            created_to=_start(given["created_to"], days=1),
            due_from=_start(given["due_from"]),
            due_to=_start(given["due_to"], days=1),
            sort=Sort(given["sort"] or Sort.RELEVANCE),
            cursor=given["cursor"],
            facets=FIELDS,
        )


def _values(sent: QueryDict, name: str) -> tuple[str, ...]:
    """The chosen values; none of ours has a NUL, which no database takes."""
    return tuple(value for value in sent.getlist(name)[:50] if value and "\0" not in value)


def _start(day: Any, days: int = 0) -> int | None:
    """Midnight in the hotline's time zone, `days` later, as seconds UTC."""
    if day is None:
        return None
    local = datetime.combine(day + timedelta(days=days), time(), timezone.get_default_timezone())
    return int(local.timestamp())
