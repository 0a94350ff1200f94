"""Seats as they are now, their history, and the orders that pages give to the bridge."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SeatMode(models.TextChoices):
    OFFLINE = "offline", "离线"
    READY = "ready", "空闲"
    RINGING = "ringing", "振铃"
    TALKING = "talking", "通话"
    AFTER = "after", "话后整理"
    BREAK = "break", "小休"
    LOST = "lost", "话机断线"


IMPOSED = frozenset({"", "刚登录", "漏接", "断线恢复", "辱骂后强制休息", "内部通话", "话机未接通"})


def resting(mode: str, reason: str, call: str) -> bool:
    """A rest of the agent's own choice, not one that a missed ring, a log-in or a rule imposed."""
    return mode == SeatMode.BREAK and reason not in IMPOSED and not call


class SeatState(models.Model):
    """One seat at this moment. Written by its node's bridge only; pages ask through `Order`."""

    extension = models.CharField("座席号", max_length=12, primary_key=True)
    node = models.CharField("节点", max_length=40)
    mode = models.CharField("状态", max_length=10, choices=SeatMode.choices, default=SeatMode.OFFLINE)
    reason = models.CharField("原因", max_length=40, blank=True)
    since = models.DateTimeField("起")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    token = models.CharField(max_length=64, blank=True)
    reachable = models.BooleanField("话机在线", default=False)
    call = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField("自动转空闲", null=True)
    seen_at = models.DateTimeField("页面在线", null=True)
    queues = models.JSONField("队列", default=list)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "座席状态"
        ordering = ("extension",)
        indexes = [models.Index(fields=["until"], name="seat_until", condition=models.Q(until__isnull=False))]

    def __str__(self) -> str:
        return self.extension

    @property
    def own_call(self) -> str:
        """`out` while a call-back that this seat asked for rings or talks, `spy` while it listens in; else empty."""
        if self.call.startswith("spy-") and self.mode == SeatMode.BREAK:
            return "spy"
        busy = self.mode in (SeatMode.RINGING, SeatMode.TALKING)
        return "out" if self.call.startswith("out-") and busy else ""

    @property
    def rests(self) -> bool:
        return resting(self.mode, self.reason, self.call)


class SeatSpan(models.Model):
    """How long a seat was in one state: the base of occupancy, pause and wrap-up figures."""

    extension = models.CharField(max_length=12)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    mode = models.CharField(max_length=10, choices=SeatMode.choices)
    reason = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "座席时段"
        indexes = [models.Index(fields=["extension", "starts_at"], name="seat_span")]


class OrderState(models.TextChoices):
    WAITING = "waiting", "待执行"
    TAKEN = "taken", "执行中"
    DONE = "done", "完成"
    FAILED = "failed", "失败"
    EXPIRED = "expired", "已过期"


class Order(models.Model):
    """Something a page asks of the bridge. Taken once, never repeated; too old ones expire instead of surprising."""

    node = models.CharField(max_length=40)
    seat = models.CharField(max_length=12, blank=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20)
    content_box = models.TextField(blank=True)  # sealed JSON: may hold a phone's password or a number
    state = models.CharField(max_length=8, choices=OrderState.choices, default=OrderState.WAITING)
    error = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "座席指令"
        indexes = [
            models.Index(fields=["node", "id"], name="order_waiting", condition=models.Q(state="waiting")),
        ]


class SeatMessage(models.Model):
    """A line from the team leader to all seats, or to one."""

    text = models.CharField("内容", max_length=300)
    seat = models.CharField(max_length=12, blank=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "班长消息"
        ordering = ("-id",)
