"""What people corrected: examples for the next model, with who and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from directory.models import Category, Department

from .tickets import Ticket


class Correction(models.Model):
    """A person changed what the machine proposed."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="corrections")
    field = models.CharField(max_length=12, choices=[("category", "分类"), ("department", "单位"), ("kind", "类型")])
    proposed = models.CharField(max_length=120, blank=True)
    chosen = models.CharField(max_length=120)
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    confidence = models.FloatField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "更正"
