"""Messages to people, files they sent, and the doors for other systems."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from directory.models import Department, Region

from .tickets import Ticket

#: the template whose text goes as soon as the code in it has run out
CODE_TEMPLATE = "sms_code"
AUDIENCES = [("citizen", "群众"), ("staff", "人员"), ("unit", "单位")]


class Notice(models.Model):
    """A message to a citizen or to staff. `address_box` is sealed; the text carries no identity."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="notices")
    audience = models.CharField(
        "对象", max_length=10, choices=[("citizen", "群众"), ("staff", "人员"), ("unit", "单位")]
    )
    means = models.CharField("方式", max_length=10)
    template = models.CharField("模板", max_length=40)
    text = models.TextField("内容")
    address_box = models.TextField(blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    key = models.CharField("幂等键", max_length=120, unique=True)
    created_at = models.DateTimeField("时间")
    state = models.CharField(
        "状态", max_length=10, default="waiting", choices=[("waiting", "待发"), ("sent", "已发"), ("failed", "失败")]
    )
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        indexes = [
            models.Index(fields=["next_try_at"], name="notice_waiting", condition=Q(state="waiting")),
            models.Index(fields=["staff", "-created_at"], name="notice_staff", condition=Q(staff__isnull=False)),
            models.Index(
                fields=["department", "-created_at"], name="notice_unit", condition=Q(department__isnull=False)
            ),
            models.Index(fields=["-created_at"], name="notice_newest"),
        ]


class Attachment(models.Model):
    """A file, stored under its random key outside the web root."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="attachments")
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField("文件名", max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.CharField("来自", max_length=10)
    public = models.BooleanField("群众可见", default=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "附件"


class ApiKey(models.Model):
    """A key of another system; only its hash is stored. Scopes: create, read, act, events.

    `source`: whose external numbers come with it, and whose tickets it may know of. Keys of one source share both: a
    new key for the same system. Keys from before there were sources (empty) share those of their channel.
    """

    name = models.CharField("名称", max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField("权限", default=list)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="区域")
    channel = models.CharField("渠道", max_length=20, default="peer")
    source = models.SlugField(
        "编号来源",
        max_length=40,
        blank=True,
        default="",
        db_index=False,
        help_text="同一渠道、同一来源的外部编号只登记一次；为同一系统更换密钥时填原密钥的来源",
    )
    per_minute = models.PositiveIntegerField("每分钟上限", default=600)
    active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "接口密钥"

    def __str__(self) -> str:
        return self.name


class Webhook(models.Model):
    """Where events of an API key's region are posted, signed with HMAC-SHA256."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="webhooks")
    url = models.URLField("地址", max_length=300)
    secret_box = models.TextField()
    actions = models.JSONField("事件", default=list, blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "回调地址"


class WebhookDelivery(models.Model):
    """One event to one address: tried with growing pauses until accepted."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    outbox_id = models.BigIntegerField()
    body = models.TextField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "回调投递"
        constraints = [models.UniqueConstraint(fields=["webhook", "outbox_id"], name="delivery_once")]
        indexes = [models.Index(fields=["next_try_at"], name="delivery_due", condition=Q(delivered_at__isnull=True))]
