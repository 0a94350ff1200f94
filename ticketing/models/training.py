"""What people corrected: examples for the next model, with who and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from directory.models import Category, Department

from .tickets import Ticket


class Correction(models.Model):
    """A person changed what the machine proposed."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="corrections", verbose_name="工单")
    field = models.CharField(
        "项目", max_length=12, choices=[("category", "分类"), ("department", "单位"), ("kind", "类型")]
    )
    proposed = models.CharField("系统建议", max_length=120, blank=True)
    chosen = models.CharField("人工选定", max_length=120)
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+", verbose_name="分类")
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    confidence = models.FloatField("置信度", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="更正人")
    why = models.CharField("理由", max_length=300, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "更正"

    def __str__(self) -> str:
        return f"{self.ticket.number} · {self.get_field_display()}"
