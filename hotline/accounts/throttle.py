"""A brake on guessing passwords: counts failures per user name and per address, in the cache."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

#: failures of one user name from one address, and of one address over all names, before it must wait
PER_NAME = 5
PER_ADDRESS = 30
WAIT_SECONDS = 15 * 60


def _keys(request: HttpRequest, username: str) -> tuple[str, str]:
    address = request.META.get("REMOTE_ADDR", "")
    name = hashlib.sha256(f"{address}|{username.strip().lower()}".encode()).hexdigest()[:32]
    return f"login.name.{name}", f"login.address.{hashlib.sha256(address.encode()).hexdigest()[:32]}"


def must_wait(request: HttpRequest, username: str) -> bool:
    """True while too many log-ins failed a short while ago; then not even the right password is tried."""
    by_name, by_address = _keys(request, username)
    return int(cache.get(by_name) or 0) >= PER_NAME or int(cache.get(by_address) or 0) >= PER_ADDRESS


def failed(request: HttpRequest, username: str) -> None:
    for key in _keys(request, username):
        if cache.add(key, 1, WAIT_SECONDS):
            continue
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two calls
            cache.set(key, 1, WAIT_SECONDS)


def succeeded(request: HttpRequest, username: str) -> None:
    """The address's count stays: a person who knows one password does not get to guess others."""
    cache.delete(_keys(request, username)[0])
