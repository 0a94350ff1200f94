"""What a phone network told us by webhook or by its own process, on its way into the journal."""

from __future__ import annotations

from django.db import models


class Incoming(models.Model):
    """One happening as it came in. The bridge journals it and only then deletes the row; a repeat has the same key.

    Sealed: it holds the caller's number.
    """

    key = models.CharField(max_length=240, unique=True)
    content_box = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "待入账的话务事件"
        ordering = ("id",)
