"""A brake on guessing and flooding: counts per subject and per address in the cache; nothing of a person is kept."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from ticketing.privacy import crypto


@dataclass(frozen=True)
class Limit:
    """At most `most` times within `seconds`; the count runs out that long after the first."""

    name: str
    most: int
    seconds: int

    def _key(self, subject: str) -> str:
        return f"portal.{self.name}.{crypto.keyed_hash('throttle', subject)[:32]}"

    def reached(self, *subjects: str) -> bool:
        keys = [self._key(subject) for subject in subjects if subject]
        return any(int(count) >= self.most for count in cache.get_many(keys).values())

    def count(self, *subjects: str) -> None:
        for key in (self._key(subject) for subject in subjects if subject):
            if cache.add(key, 1, self.seconds):
                continue
            try:
                cache.incr(key)
            except ValueError:  # it ran out between the two calls
                cache.add(key, 1, self.seconds)


#: wrong query codes for one number; whoever knows the right one waits an hour at most
WRONG_CODES = Limit("code.number", 8, 3600)
#: wrong query codes or SMS codes from one address, over all numbers
WRONG_FROM_HERE = Limit("code.address", 30, 3600)
#: SMS codes asked for from one address
CODES_FROM_HERE = Limit("sms.address", 20, 3600)
#: complaints filed from one address: a service centre's kiosk or a whole company, not a machine
FILED_FROM_HERE = Limit("filed.address", 200, 3600)


def address(request: HttpRequest) -> str:
    """Where the request comes from; behind our proxy the address that the proxy saw."""
    direct = request.META.get("REMOTE_ADDR") or "unknown"
    if settings.SECURE_PROXY_SSL_HEADER is None:
        return direct
    return request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or direct


def first_time(token: str, seconds: int = 3600) -> bool:
    """True once per token: the second press of the same button does nothing."""
    return cache.add(_once(token), 1, seconds)


def not_done(token: str) -> None:
    """What the token stood for failed: the same form may be sent again."""
    cache.delete(_once(token))


def _once(token: str) -> str:
    return f"portal.once.{crypto.keyed_hash('once', token)[:40]}"
