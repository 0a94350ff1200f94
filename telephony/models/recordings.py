"""Recordings: encrypted files, whose they are, who listened and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .calls import Call


class RecordingState(models.TextChoices):
    KEPT = "kept", "已保存"
    SILENT = "silent", "疑似静音"
    MISSING = "missing", "缺失"
    ERASED = "erased", "已按期限删除"


class Recording(models.Model):
    """One file. `path` is below the data folder; the content is AES-GCM in chunks, its key sealed here."""

    call = models.OneToOneField(Call, models.PROTECT, related_name="recording")
    state = models.CharField("状态", max_length=8, choices=RecordingState.choices)
    path = models.CharField(max_length=200, blank=True)
    key_box = models.TextField(blank=True)
    seconds = models.FloatField("时长", default=0)
    loudness = models.FloatField("平均音量", default=0)
    size = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField("入库时间")
    keep_until = models.DateField("保存至")

    class Meta:
        verbose_name = verbose_name_plural = "录音"
        indexes = [models.Index(fields=["keep_until"], name="recording_retention")]


class RecordingRead(models.Model):
    """Who listened to which recording, when and for what reason. Append-only."""

    recording = models.ForeignKey(Recording, models.PROTECT, related_name="reads")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField("事由", max_length=200)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "录音调听记录"
