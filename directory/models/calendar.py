"""What is known of working days and office hours beyond the published calendar."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

WEEKDAYS = ((0, "周一"), (1, "周二"), (2, "周三"), (3, "周四"), (4, "周五"), (5, "周六"), (6, "周日"))


class CalendarYear(models.Model):
    """A whole year loaded for a region (or the country): its days replace what the calendar library says of it."""

    year = models.PositiveSmallIntegerField("年份")
    region = models.ForeignKey(
        "directory.Region", models.PROTECT, null=True, blank=True, verbose_name="区域", help_text="空表示全国"
    )
    source = models.CharField("来源", max_length=200)
    loaded_at = models.DateTimeField("载入时间")

    class Meta:
        verbose_name = verbose_name_plural = "年度日历"
        ordering = ("year", "region__code")
        constraints = [
            models.UniqueConstraint(fields=["year", "region"], name="calendar_year_of_region"),
            models.UniqueConstraint(fields=["year"], condition=Q(region=None), name="calendar_year_of_country"),
        ]

    def __str__(self) -> str:
        return f"{self.year}年（{self.region or '全国'}）"


class CalendarDay(models.Model):
    """One day that is worked or not by a statement of its own: from a loaded year, or entered by hand."""

    date = models.DateField("日期")
    region = models.ForeignKey(
        "directory.Region", models.PROTECT, null=True, blank=True, verbose_name="区域", help_text="空表示全国"
    )
    is_working = models.BooleanField("上班")
    name = models.CharField("名称", max_length=60, blank=True)
    source = models.CharField("来源", max_length=200, blank=True)
    year = models.ForeignKey(
        CalendarYear,
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="days",
        verbose_name="年度日历",
        help_text="空表示手工录入，重新载入年度日历时保留",
    )

    class Meta:
        verbose_name = verbose_name_plural = "特殊日期"
        ordering = ("date", "region__code")
        constraints = [
            models.UniqueConstraint(fields=["date", "region"], name="calendar_day_of_region"),
            models.UniqueConstraint(fields=["date"], condition=Q(region=None), name="calendar_day_of_country"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name} {'上班' if self.is_working else '休'}"


class OfficeHours(models.Model):
    """One opening interval of a weekday, in local time; several rows make a day with a lunch break."""

    region = models.ForeignKey(
        "directory.Region", models.PROTECT, null=True, blank=True, verbose_name="区域", help_text="空表示全国"
    )
    weekday = models.PositiveSmallIntegerField("星期", choices=WEEKDAYS)
    opens = models.TimeField("开始")
    closes = models.TimeField("结束")
    effective_from = models.DateField("生效日期", null=True, blank=True)
    effective_to = models.DateField("失效日期", null=True, blank=True, help_text="含当日；空表示长期有效")

    class Meta:
        verbose_name = verbose_name_plural = "办公时间"
        ordering = ("region__code", "weekday", "opens")
        constraints = [
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="office_opens_before_closing"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="office_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"
