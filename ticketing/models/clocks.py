"""Legal clocks: the rules, the running instances and their pauses."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from directory.models import Region
from ticketing.terms import ClockName, ClockState, Kind, LimitUnit

from .tickets import Assignment, Ticket


class ClockPolicy(models.Model):
    """A limit (限时规则): the most specific row in force when a clock starts is copied into it and moves it no more."""

    clock = models.CharField("时钟", max_length=20, choices=ClockName.choices)
    kind = models.CharField("诉求类型", max_length=12, choices=Kind.choices, blank=True)
    urgent = models.BooleanField("紧急", null=True, blank=True, help_text="空表示不分")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name="区域")
    limit = models.PositiveIntegerField("限时")
    unit = models.CharField("单位", max_length=16, choices=LimitUnit.choices)
    warn_before_minutes = models.PositiveIntegerField(
        "提前预警（分钟）", null=True, blank=True, help_text="空：工作日限时为最后一日，其他为最后四分之一"
    )
    effective_from = models.DateField("生效日期")
    effective_to = models.DateField("失效日期", null=True, blank=True)
    basis = models.CharField("依据", max_length=300)

    class Meta:
        verbose_name = verbose_name_plural = "限时规则"
        ordering = ("clock", "kind", "-effective_from")

    def __str__(self) -> str:
        return f"{self.get_clock_display()} {self.get_kind_display() or '全部'} {self.limit}{self.get_unit_display()}"


class Clock(models.Model):
    """One running or finished limit.

    `policy` is the rule's copy; `explanation` says line by line how `due_at` came about.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="clocks")
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="clocks", db_index=False
    )
    name = models.CharField("时钟", max_length=20, choices=ClockName.choices)
    state = models.CharField("状态", max_length=10, choices=ClockState.choices, default=ClockState.RUNNING)
    policy = models.JSONField("规则副本")
    started_at = models.DateTimeField("起算")
    due_at = models.DateTimeField("期限", null=True, blank=True)
    warn_at = models.DateTimeField("预警", null=True, blank=True)
    stopped_at = models.DateTimeField("停止", null=True, blank=True)
    warned_at = models.DateTimeField("已预警", null=True, blank=True)
    breached_at = models.DateTimeField("已超期", null=True, blank=True)
    extensions = models.JSONField("批准的延期", default=list, blank=True)
    provisional = models.BooleanField("暂定", default=False)
    calendar_version = models.CharField(max_length=64, blank=True)
    explanation = models.JSONField("说明", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "时钟"
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "name"],
                condition=Q(state__in=["running", "paused"], assignment__isnull=False),
                name="one_open_clock_of_share",
            ),
            models.UniqueConstraint(
                fields=["ticket", "name"],
                condition=Q(state__in=["running", "paused"], assignment__isnull=True),
                name="one_open_clock_of_ticket",
            ),
        ]
        indexes = [
            # the poller's two questions; both stay small however many tickets there are
            models.Index(
                fields=["due_at", "id"], name="clock_breach", condition=Q(state="running", breached_at__isnull=True)
            ),
            models.Index(
                fields=["warn_at", "id"],
                name="clock_warn",
                condition=Q(state="running", warned_at__isnull=True, breached_at__isnull=True),
            ),
            models.Index(fields=["due_at"], name="clock_provisional", condition=Q(provisional=True)),
            models.Index(fields=["assignment"], name="clock_share", condition=Q(assignment__isnull=False)),
        ]


class Pause(models.Model):
    """A stretch in which a clock stood still: why, who asked, who approved."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="pauses")
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止", null=True, blank=True)
    reason = models.CharField("理由", max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "暂停"
