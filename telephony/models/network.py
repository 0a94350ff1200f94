"""What an operator sets up: queues, inbound numbers, trunks. Asterisk's configuration is generated from these rows."""

from __future__ import annotations

from django.db import models


class Queue(models.Model):
    """A waiting line with its skill: 普通, 企业, 老年/方言, 督办专席 …"""

    name = models.SlugField("代码", max_length=40, primary_key=True)
    label = models.CharField("名称", max_length=40)
    skill = models.CharField("技能", max_length=40, blank=True, help_text="空表示所有座席")
    ring_seconds = models.PositiveSmallIntegerField("振铃秒数", default=15)
    after_seconds = models.PositiveSmallIntegerField("话后整理秒数", default=20)
    max_wait_seconds = models.PositiveIntegerField("最长等待秒数", default=600)
    announce_position = models.BooleanField("播报排队位置", default=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "队列"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.label


class Line(models.Model):
    """An inbound number and the queue behind it."""

    number = models.CharField("号码", max_length=20, primary_key=True)
    queue = models.ForeignKey(Queue, models.PROTECT, verbose_name="队列")
    menu = models.BooleanField("先播菜单", default=False, help_text="GB/T 33358：默认不设语音菜单，直接人工")
    hours = models.CharField("服务时间", max_length=60, blank=True, help_text="Asterisk 时间格式；空表示 7×24")

    class Meta:
        verbose_name = verbose_name_plural = "热线号码"

    def __str__(self) -> str:
        return self.number


class Trunk(models.Model):
    """A link to another network. The secret stays sealed; see `ticketing.privacy.crypto`."""

    name = models.SlugField("代码", max_length=40, primary_key=True)
    kind = models.CharField(
        "类别", max_length=10, choices=[("carrier", "运营商"), ("police", "110"), ("peer", "其他12345")]
    )
    host = models.CharField("地址", max_length=255, blank=True)
    port = models.PositiveIntegerField("端口", default=5060)
    number = models.CharField("对方号码", max_length=20, default="12345", help_text="转往其他12345时拨打的号码")
    matches = models.JSONField("来源地址", default=list, blank=True)
    username = models.CharField("账号", max_length=60, blank=True)
    secret_box = models.TextField(blank=True, editable=False)
    register = models.BooleanField("注册", default=False)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "中继"

    def __str__(self) -> str:
        return self.name
