"""Alarms: an urgent share that nobody signs is rung through the duty roster until somebody confirms."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from directory.models import Department

from .clocks import Clock
from .tickets import Assignment, Ticket


class AlarmState(models.TextChoices):
    RINGING = "ringing", "正在电话催签"
    CONFIRMED = "confirmed", "值班人员已确认"
    UNREACHED = "unreached", "无人接听"
    SETTLED = "settled", "已签收或不再需要"


class CallState(models.TextChoices):
    WAITING = "waiting", "待呼叫"
    RINGING = "ringing", "呼叫中"
    CONFIRMED = "confirmed", "已接听确认"
    UNANSWERED = "unanswered", "未接听或未确认"
    FAILED = "failed", "未能呼出"


class Alarm(models.Model):
    """One unsigned urgent share. `round` and `place` say how far the roster was rung, `next_at` when it goes on."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="alarms", verbose_name="工单")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="alarms", verbose_name="派单")
    clock = models.OneToOneField(Clock, models.PROTECT, related_name="alarm", verbose_name="签收时钟")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="单位")
    state = models.CharField("状态", max_length=10, choices=AlarmState.choices, default=AlarmState.RINGING)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    place = models.PositiveSmallIntegerField("本轮已呼叫", default=0)
    raised_at = models.DateTimeField("起始时间")
    next_at = models.DateTimeField("下次动作")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "电话催签"
        indexes = [models.Index(fields=["next_at"], name="alarm_due", condition=Q(ended_at__isnull=True))]


class AlarmCall(models.Model):
    """One number of the roster, rung at most once by whichever phone network takes it. `number_box` is sealed."""

    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="calls")
    round = models.PositiveSmallIntegerField("轮次")
    place = models.PositiveSmallIntegerField("次序")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="单位")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    for_staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    number_box = models.TextField()
    state = models.CharField("状态", max_length=10, choices=CallState.choices, default=CallState.WAITING)
    error = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField("时间")
    settled_at = models.DateTimeField("结果时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "催签呼叫"
        constraints = [models.UniqueConstraint(fields=["alarm", "round", "place"], name="alarm_call_once")]
        indexes = [models.Index(fields=["created_at"], name="alarm_call_waiting", condition=Q(state="waiting"))]
