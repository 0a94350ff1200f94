"""Small, short-lived rows behind the doors: who looks at what, who holds a lease, codes sent, requests seen."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .notices import ApiKey
from .tickets import Ticket


class Presence(models.Model):
    """Somebody has this ticket open; refreshed by the page, stale after a minute."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="presences")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "在看"
        constraints = [models.UniqueConstraint(fields=["ticket", "staff"], name="present_once")]


class Lease(models.Model):
    """A piece of background work that one process does at a time; a dead holder's lease runs out."""

    name = models.CharField(max_length=60, primary_key=True)
    holder = models.CharField(max_length=80)
    until = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "租约"


class SmsCode(models.Model):
    """A code sent to a phone to prove ownership; only keyed hashes are kept."""

    phone_hash = models.CharField(max_length=64, db_index=True)
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used = models.BooleanField(default=False)

    class Meta:
        verbose_name = verbose_name_plural = "短信验证码"


class SeenRequest(models.Model):
    """An idempotency key of the API with the ticket it made: the same key with another body is refused."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    body_hash = models.CharField(max_length=64)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "接口请求"
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="request_once")]
