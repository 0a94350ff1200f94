"""What happened (journal), who must hear of it (outbox), who looked (read ledger), and who is alive (heartbeats)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from directory.models import Department

from .tickets import Assignment, Ticket


class TicketEvent(models.Model):
    """One step of a ticket's life: append-only, chained per ticket by HMAC. Holds no personal data."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="events", db_index=False, verbose_name="工单")
    seq = models.PositiveIntegerField("序号")
    action = models.CharField("动作", max_length=24)
    from_status = models.CharField("原状态", max_length=16, blank=True)
    to_status = models.CharField("现状态", max_length=16)
    at = models.DateTimeField("时间")
    actor_kind = models.CharField("由谁", max_length=10)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="人员"
    )
    for_staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="代谁"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="单位"
    )
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="派单"
    )
    origin = models.CharField("来源", max_length=64, blank=True)
    reason = models.TextField("理由", blank=True)
    data = models.JSONField("内容", default=dict)
    mac = models.CharField("校验码", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "流转记录"
        constraints = [models.UniqueConstraint(fields=["ticket", "seq"], name="one_event_per_seq")]
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            *(
                models.Index(fields=[name], name=f"event_{name}", condition=Q(**{f"{name}__isnull": False}))
                for name in ("staff", "for_staff", "department", "assignment")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket.number} · {self.seq}"


class OutboxEntry(models.Model):
    """An event on its way to the listeners; written in the transaction of the change it tells of.

    `xid` is PostgreSQL's transaction number (0 on SQLite): readers only take rows older than every open transaction,
    so that a slow commit is never jumped over.
    """

    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=80, blank=True)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="+", db_index=False)
    event = models.ForeignKey(TicketEvent, models.PROTECT, null=True, related_name="+", db_index=False)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    xid = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "发件箱"
        indexes = [models.Index(fields=["xid", "id"], name="outbox_window")]


class OutboxCursor(models.Model):
    """How far one listener is: everything before `low_xid` is done; within [low, high) up to `last_id`."""

    listener = models.CharField("收听者", max_length=40, primary_key=True)
    low_xid = models.BigIntegerField("事务下界", default=0)
    high_xid = models.BigIntegerField("事务上界", default=0)
    last_id = models.BigIntegerField("已到编号", default=0)
    failures = models.PositiveIntegerField("连续失败", default=0)
    error = models.CharField("错误", max_length=300, blank=True)
    updated_at = models.DateTimeField("更新时间", null=True)
    leased_by = models.CharField("占用者", max_length=80, blank=True)
    leased_until = models.DateTimeField("占用至", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "发件箱进度"

    def __str__(self) -> str:
        return self.listener


class AnchorMark(models.Model):
    """How far an anchor file had come: its size in bytes and the code of its last line then, under a keyed code."""

    file = models.CharField(max_length=40, db_index=True)
    size = models.BigIntegerField()
    code = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "锚定文件"


class ReadLedger(models.Model):
    """Who saw personal data or a confidential ticket, and why."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="人员")
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="reads", verbose_name="工单")
    subject = models.CharField("对象", max_length=80, blank=True)
    what = models.CharField("查看内容", max_length=40)
    reason = models.CharField("事由", max_length=300)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "查看台账"


class Heartbeat(models.Model):
    """A background part's last sign of life. Its age is the truth that `/healthz` tells."""

    name = models.CharField("部分", max_length=40, primary_key=True)
    beat_at = models.DateTimeField("最近一次")
    detail = models.JSONField("内容", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "心跳"

    def __str__(self) -> str:
        return self.name
