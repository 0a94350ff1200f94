"""Administration of working days and office hours: single days by hand, a year by file, hours with their seasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from directory.models import CalendarDay, CalendarYear, OfficeHours, Region
from directory.worktime.loading import CalendarFileError, parse, store
from directory.worktime.schedule import Opening, Schedule
from directory.worktime.source import CalendarChange, announce

LARGEST_FILE = 256 * 1024  # a year of days with names is about 15 kB

# Django's classes take no type parameters at run time, their stubs want one.
if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _YearModelForm = forms.ModelForm[CalendarYear]
    _HoursModelForm = forms.ModelForm[OfficeHours]
else:
    _ModelAdmin, _YearModelForm, _HoursModelForm = admin.ModelAdmin, forms.ModelForm, forms.ModelForm


class _Announced(_ModelAdmin):
    """Tells the clocks of every row that was saved or deleted."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = type(obj).objects.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        for row in filter(None, (before, obj)):
            announce(_change(row))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        announce(_change(obj))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        changes = {_change(row) for row in queryset}
        super().delete_queryset(request, queryset)
        for change in changes:
            announce(change)


def _change(row: Model) -> CalendarChange:
    region = getattr(row, "region_id", None)
    if isinstance(row, CalendarDay):
        return CalendarChange(region, (row.date.year,))
    return CalendarChange(region, (row.year,) if isinstance(row, CalendarYear) else ())


@admin.register(CalendarDay)
class CalendarDayAdmin(_Announced):
    list_display = ("date", "region", "is_working", "name", "source")
    list_filter = ("is_working", ("region", admin.RelatedOnlyFieldListFilter))
    date_hierarchy = "date"
    search_fields = ("name", "source")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.year = None  # what a person decided is not overwritten by loading the year's file again
        super().save_model(request, obj, form, change)


class YearForm(_YearModelForm):
    """A year is loaded as a file; what is in it stands in the days."""

    file = forms.FileField(label="日历文件", help_text="CSV：date,is_working,name；可含上年12月28日至31日")
    holidays_only = forms.BooleanField(label="仅节假日", required=False, help_text="文件只列放假和调休日")
    source = forms.CharField(label="来源", max_length=200, help_text="如通知文号")

    class Meta:
        model = CalendarYear
        fields = ("region", "source")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        upload = cleaned.get("file")
        if upload is not None and upload.size > LARGEST_FILE:
            self.add_error("file", f"文件超过{LARGEST_FILE // 1024}KB")
        elif upload is not None:
            try:
                cleaned["parsed"] = parse(upload.read(), holidays_only=bool(cleaned.get("holidays_only")))
            except CalendarFileError as error:
                self.add_error("file", ValidationError([ValidationError(line) for line in str(error).splitlines()]))
        return cleaned


@admin.register(CalendarYear)
class CalendarYearAdmin(_Announced):
    list_display = ("year", "region", "source", "loaded_at")
    list_filter = (("region", admin.RelatedOnlyFieldListFilter),)
    form = YearForm

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)  # a year is changed by loading it again

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        region: Region | None = obj.region
        file = form.cleaned_data["parsed"]
        store(file, region=region, source=obj.source, now=timezone.now())
        stored = CalendarYear.objects.get(year=file.year, region=region)
        obj.pk, obj.year, obj.loaded_at = stored.pk, stored.year, stored.loaded_at


class HoursForm(_HoursModelForm):
    """One interval, refused when it ends before it begins or overlaps another of the same weekday and dates."""

    class Meta:
        model = OfficeHours
        fields = ("region", "weekday", "opens", "closes", "effective_from", "effective_to")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        if cleaned["opens"] >= cleaned["closes"]:
            self.add_error("closes", "结束时间应晚于开始时间")
            return cleaned
        hours = OfficeHours(**cleaned)
        same_day = OfficeHours.objects.filter(region=hours.region, weekday=hours.weekday).exclude(pk=self.instance.pk)
        for row in same_day:
            try:
                Schedule((_opening(hours), _opening(row)))
            except ValueError:
                self.add_error("opens", f"与已有办公时间 {row} 重叠")
        return cleaned


def _opening(row: OfficeHours) -> Opening:
    return Opening(row.weekday, row.opens, row.closes, row.effective_from, row.effective_to)


@admin.register(OfficeHours)
class OfficeHoursAdmin(_Announced):
    list_display = ("region", "weekday", "opens", "closes", "effective_from", "effective_to")
    list_filter = (("region", admin.RelatedOnlyFieldListFilter), "weekday")
    form = HoursForm
