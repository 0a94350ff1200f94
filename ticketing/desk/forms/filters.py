"""The filters of a list: kept in the URL, so that it can be sent on and opened again. Never a phone or a code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from directory.access import regions_below
from directory.models import Category
from ticketing.desk import lists
from ticketing.desk.forms import fields
from ticketing.models import Ticket
from ticketing.terms import Channel, Kind, Status, Urgency


class FilterForm(forms.Form):
    """All optional; what is wrong is named and left out of the question."""

    q = forms.CharField(label="工单编号", required=False, max_length=18)
    status = fields.choice(Status.choices, empty="全部状态", label="状态", required=False)
    kind = fields.choice(Kind.choices, empty="全部类型", label="类型", required=False)
    category = fields.category(label="分类", required=False)
    region = forms.ChoiceField(label="区域", required=False)
    unit = fields.unit(label="主办单位", required=False)
    urgency = fields.choice(Urgency.choices, empty="全部", label="紧急程度", required=False)
    channel = fields.choice(Channel.choices, empty="全部渠道", label="渠道", required=False)
    late = forms.BooleanField(label="仅超期", required=False)
    due = forms.DateField(label="期限不晚于", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choice = self.fields["region"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "全部区域"), *lists.districts()]

    def clean_q(self) -> str:
        number = str(self.cleaned_data["q"]).strip()
        if number and not (number.isascii() and number.isdigit() and len(number) >= 4):
            raise forms.ValidationError("请输入工单编号的前 4 位以上数字")
        return number


@dataclass(frozen=True)
class Filters:
    """`form` to show, `query` to keep in links (only known, non-empty fields), `where` to ask the database."""

    form: FilterForm
    query: str
    where: Q

    @property
    def active(self) -> bool:
        return bool(self.query)

    def apply(self, rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
        return rows.filter(self.where)


def read(parameters: QueryDict) -> Filters:
    form = FilterForm(parameters)
    form.is_valid()
    kept = QueryDict(mutable=True)
    for name in form.fields:
        if parameters.get(name):
            kept[name] = str(parameters[name])
    return Filters(form, kept.urlencode(), _where(form.cleaned_data))


def _where(chosen: dict[str, Any]) -> Q:
    where = Q()
    for name in ("status", "kind", "urgency", "channel"):
        if chosen.get(name):
            where &= Q(**{name: chosen[name]})
    if chosen.get("q"):
        number = chosen["q"]
        where &= Q(number=number) if len(number) == 18 else Q(number__gte=number, number__lt=f"{number}:")
    if chosen.get("category"):
        where &= Q(category_id__in=_with_below(int(chosen["category"])))
    if chosen.get("region"):
        where &= _in_region(chosen["region"])
    if chosen.get("unit"):
        where &= Q(lead_id=int(chosen["unit"]))
    if chosen.get("late"):
        where &= Q(late=True)
    if chosen.get("due"):
        where &= Q(due_at__lte=_end_of(chosen["due"]))
    return where


def _with_below(category: int) -> list[int]:
    path = Category.objects.filter(pk=category).values_list("path", flat=True).first() or ""
    return list(Category.objects.filter(Q(pk=category) | Q(path__startswith=f"{path}/")).values_list("pk", flat=True))


def _in_region(code: str) -> Q:
    """A whole city is its own column; a district is a list of its streets."""
    if code.endswith("00"):
        return Q(city_id__in=regions_below([code]))
    return Q(region_id__in=regions_below([code]))


def _end_of(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min)) + timedelta(days=1)
