"""API keys: made once, shown once, stored as a keyed hash; scopes, city, channel and a limit per minute."""

from __future__ import annotations

import hmac
import secrets
import time

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from ticketing.hot import Lookup
from ticketing.lifecycle.actors import Actor, api_actor
from ticketing.models import ApiKey
from ticketing.privacy.crypto import keyed_hash

SCOPES = ("create", "read", "act", "events", "all")


class TooMany(Exception):
    """The key used up its minute; `seconds` until the next one begins."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def make(
    name: str, region: str, scopes: list[str], channel: str, per_minute: int = 600, source: str = ""
) -> tuple[ApiKey, str]:
    """A new key and its text, which is not stored: `prefix.secret`. Without `source` its numbers are its own."""
    prefix, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        secret_hash=keyed_hash("api", secret),
        scopes=scopes,
        region_id=region,
        channel=channel,
        source=source or prefix,
        per_minute=per_minute,
    )
    return key, f"{prefix}.{secret}"


_find = Lookup(ApiKey, "prefix", active=True)


class KeyAuth(HttpBearer):
    """`Authorization: Bearer prefix.secret`. Counts the request against the key's minute."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        prefix, _, secret = token.partition(".")
        key = _find(prefix[:12])
        given = keyed_hash("api", secret)
        if key is None or not given or not hmac.compare_digest(given.lower(), key.secret_hash.lower()):
            return None
        _count(key)
        if key.last_used_at is None or (timezone.now() - key.last_used_at).total_seconds() > 60:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now())
        return key


def _count(key: ApiKey) -> None:
    minute, second = divmod(int(time.time()), 60)
    name = f"api.{key.pk}.{minute}"
    try:
        used = cache.incr(name)
    except ValueError:  # the minute's first
        cache.add(name, 0, 120)
        used = cache.incr(name)
    if used > key.per_minute:
        raise TooMany(60 - second)


def actor_of(key: ApiKey) -> Actor:
    return api_actor(key.name, key.region_id, frozenset(key.scopes), key.channel, key.source)
