"""Calls that we owe: abandoned ones, asked-for ones, surveys; and callers who abuse the line."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class CallbackState(models.TextChoices):
    WAITING = "waiting", "待回拨"
    TAKEN = "taken", "回拨中"
    REACHED = "reached", "已接通"
    GIVEN_UP = "given_up", "三次未接通"
    CALLED_AGAIN = "called_again", "群众已再次来电"


class CallbackRequest(models.Model):
    """One call that we owe a citizen. Served in the order of `place_at`: the moment the caller joined the queue."""

    kind = models.CharField(
        "类别", max_length=10, choices=[("abandoned", "漏接回拨"), ("asked", "预约回拨"), ("survey", "满意度回访")]
    )
    call = models.CharField("来电", max_length=80, blank=True)
    ticket = models.ForeignKey("ticketing.Ticket", models.PROTECT, null=True, blank=True, related_name="+")
    number_box = models.TextField()
    number_hash = models.CharField(max_length=64, db_index=True)
    queue = models.CharField("队列", max_length=40, blank=True)
    state = models.CharField("状态", max_length=12, choices=CallbackState.choices, default=CallbackState.WAITING)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    place_at = models.DateTimeField("排队时间")
    not_before = models.DateTimeField("最早")
    lease_until = models.DateTimeField(null=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    dialled = models.CharField("回拨通话", max_length=80, blank=True, db_index=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "回拨"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "call"], condition=~models.Q(call=""), name="callback_once_per_call"
            )
        ]
        indexes = [models.Index(fields=["state", "place_at"], name="callback_queue")]


class NuisanceCaller(models.Model):
    """A number that abused the line. The entry ends by itself at `review_on` unless it is confirmed again."""

    number_hash = models.CharField(max_length=64, unique=True)
    number_box = models.TextField()
    reason = models.CharField("事由", max_length=200)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    review_on = models.DateField("复核日期")

    class Meta:
        verbose_name = verbose_name_plural = "骚扰来电"


class OutageNotice(models.Model):
    """A known outage that agents answer with in one click: “停水至18:00”."""

    text = models.CharField("内容", max_length=300)
    region = models.ForeignKey("directory.Region", models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey("directory.Category", models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "停服通告"
        ordering = ("-starts_at",)
