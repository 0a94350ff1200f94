"""Who we exchange tickets with, and the ledger of what went there and came back."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q

from ticketing.models.tickets import Ticket


class PeerKind(models.TextChoices):
    POLICE = "110", "110"
    PEER = "peer", "其他12345"
    UPPER = "upper", "上级平台"
    LOWER = "lower", "下级平台"


class Peer(models.Model):
    """Another platform that serves our API. `trunk`: the code of its telephone link, when calls can go there too."""

    name = models.CharField("名称", max_length=80, unique=True)
    kind = models.CharField("类别", max_length=10, choices=PeerKind.choices)
    url = models.CharField(
        "接口地址",
        max_length=300,
        validators=[URLValidator(("http", "https"))],
        help_text="对方 /api/v1 之前的部分；专网可填边界交换机地址",
    )
    token_box = models.TextField(blank=True, editable=False)
    trunk = models.SlugField("中继", max_length=40, blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "对接平台"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ExchangeState(models.TextChoices):
    WAITING = "waiting", "待发送"
    SENT = "sent", "对方已接收"
    ANSWERED = "answered", "已反馈结果"
    DECLINED = "declined", "对方不受理"
    FAILED = "failed", "未能送达"


class Exchange(models.Model):
    """One ticket's way to one peer. Kept until it was delivered: a closed network may be away for days."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="exchanges")
    peer = models.ForeignKey(Peer, models.PROTECT, related_name="exchanges", verbose_name="对接平台")
    state = models.CharField("状态", max_length=10, choices=ExchangeState.choices, default=ExchangeState.WAITING)
    reason = models.CharField("原因", max_length=200)
    call_key = models.CharField("来电", max_length=80, blank=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    their_number = models.CharField("对方编号", max_length=40, blank=True)
    result = models.TextField("结果", blank=True)
    error = models.CharField("错误", max_length=80, blank=True)
    tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField("转出时间")
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField("送达时间", null=True)
    ended_at = models.DateTimeField("反馈时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "平台间转办"
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "peer"], condition=Q(state__in=("waiting", "sent")), name="exchange_open_once"
            )
        ]
        indexes = [models.Index(fields=["next_at"], name="exchange_due", condition=Q(next_at__isnull=False))]
