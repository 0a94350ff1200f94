"""Calls, their append-only journal, the ledger of transfers, and the agent's unsaved words."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from telephony.calls.state import Outcome, Status


class Call(models.Model):
    """One call. Every column but the keys is computed from the journal by `telephony.calls.state` and can be rebuilt.

    Written by the bridge of its node only. Numbers are sealed; `number_hash` finds a caller again.
    """

    node = models.CharField("节点", max_length=40)
    call = models.CharField("通话标识", max_length=80)
    status = models.CharField("状态", max_length=12, choices=[(s.value, s.value) for s in Status])
    outcome = models.CharField("结果", max_length=12, choices=[(o.value, o.value) for o in Outcome], blank=True)
    number_box = models.TextField(blank=True)
    number_hash = models.CharField(max_length=64, blank=True, db_index=True)
    line = models.CharField("被叫", max_length=30, blank=True)
    queue = models.CharField("队列", max_length=40, blank=True)
    channel = models.CharField(max_length=120, blank=True)
    seat = models.CharField("座席", max_length=12, blank=True)
    leg = models.CharField(max_length=80, blank=True)
    leg_channel = models.CharField(max_length=120, blank=True)
    ringing_seat = models.CharField(max_length=12, blank=True, db_index=True)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="calls", verbose_name="话务员"
    )
    arrived_at = models.DateTimeField("来电时间", null=True)
    queued_at = models.DateTimeField("排队时间", null=True)
    answered_at = models.DateTimeField("接听时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    talk_since = models.DateTimeField(null=True)
    talk_seconds = models.FloatField("通话秒数", default=0)
    held = models.BooleanField("保持中", default=False)
    seats = models.JSONField(default=list)
    missed = models.JSONField(default=list)
    parties = models.JSONField(default=list)
    lost_legs = models.PositiveSmallIntegerField("掉线次数", default=0)
    transfers = models.PositiveSmallIntegerField("转接次数", default=0)
    rating = models.PositiveSmallIntegerField("按键评价", default=0)
    callback_asked = models.BooleanField("请求回拨", default=False)
    recorded = models.BooleanField("有录音", default=False)
    outbound = models.BooleanField("呼出", default=False)
    events = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "通话"
        constraints = [models.UniqueConstraint(fields=["node", "call"], name="call_once")]
        indexes = [
            # the board and the reconciliation: what is open on a node
            models.Index(fields=["node", "status"], name="call_open"),
            models.Index(fields=["seat", "status"], name="call_seat"),
            models.Index(fields=["arrived_at"], name="call_arrived"),
            models.Index(fields=["number_hash", "-arrived_at"], name="call_history"),
        ]

    def __str__(self) -> str:
        return self.call


class CallEvent(models.Model):
    """The journal: one happening, never changed. `key` makes a second report of the same happening harmless."""

    node = models.CharField(max_length=40)
    call = models.CharField(max_length=80, db_index=True)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    key = models.CharField(max_length=240)
    leg = models.CharField(max_length=80, blank=True)
    seat = models.CharField(max_length=12, blank=True)
    queue = models.CharField(max_length=40, blank=True)
    number_box = models.TextField(blank=True)
    line = models.CharField(max_length=30, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "通话日志"
        constraints = [models.UniqueConstraint(fields=["node", "key"], name="call_event_once")]


class TransferMode(models.TextChoices):
    BLIND = "blind", "一键转接"
    ATTENDED = "attended", "咨询转接"
    THREE_WAY = "three_way", "三方通话"


class TransferOutcome(models.TextChoices):
    ASKED = "asked", "进行中"
    JOINED = "joined", "对方已接通"
    ACCEPTED = "accepted", "对方已受理"
    BUSY = "busy", "占线"
    NO_ANSWER = "no_answer", "无人接听"
    UNREACHABLE = "unreachable", "无法接通"
    CANCELLED = "cancelled", "已取消"
    CALLER_GONE = "caller_gone", "群众已挂机"


class Transfer(models.Model):
    """The ledger of transfers (台账): who asked, why, with the caller's consent, to whom, and what came of it."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="moves")
    mode = models.CharField("方式", max_length=10, choices=TransferMode.choices)
    target = models.CharField("去向", max_length=40)
    target_kind = models.CharField(
        "去向类别",
        max_length=10,
        choices=[
            ("110", "110"),
            ("seat", "座席"),
            ("leader", "班长"),
            ("queue", "队列"),
            ("peer", "其他12345"),
            ("unit", "单位"),
        ],
    )
    inbound = models.BooleanField("110转来", default=False)
    party = models.CharField(max_length=80, blank=True, db_index=True)
    consent = models.BooleanField("群众同意", default=False)
    reason = models.CharField("原因", max_length=200, blank=True)
    seat = models.CharField("座席", max_length=12, blank=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField("结果", max_length=12, choices=TransferOutcome.choices, default=TransferOutcome.ASKED)
    ticket = models.ForeignKey("ticketing.Ticket", models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField("请求时间")
    settled_at = models.DateTimeField("结果时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "转接台账"
        ordering = ("-asked_at",)


class Draft(models.Model):
    """What an agent typed during a call and has not saved as a ticket. Sealed: it holds the caller's words."""

    call = models.CharField(max_length=80)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    content_box = models.TextField()
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "未保存的记录"
        constraints = [models.UniqueConstraint(fields=["call", "staff"], name="draft_once")]
