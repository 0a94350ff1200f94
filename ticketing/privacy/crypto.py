"""Sealing and opening of identity fields (AES-256-GCM), keyed hashes for look-up, and key rotation.

A sealed text is `keyid.nonce.ciphertext` in URL-safe base64. `PII_KEYS` lists the keys: the first seals, all open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from functools import lru_cache
from unicodedata import normalize

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_BEFORE_MOBILE = re.compile(r"^(?:(?:00)?86|0)(?=1[3-9][0-9]{9}$)")


class CannotOpen(Exception):
    """No configured key opens this text: a key was removed too early, or the text was altered."""


@lru_cache(maxsize=8)
def _keys(configured: tuple[str, ...]) -> dict[str, AESGCM]:
    found = {}
    for text in configured:
        material = hashlib.sha256(b"identity:" + text.encode()).digest()
        found[hashlib.sha256(material).hexdigest()[:8]] = AESGCM(material)
    return found


def _current() -> dict[str, AESGCM]:
    keys = _keys(tuple(settings.PII_KEYS))
    if not keys:
        raise CannotOpen("no key for personal data: set HOTLINE_PII_KEYS")
    return keys


def primary() -> str:
    """The id of the key that seals."""
    return next(iter(_current()))


def seal(text: str) -> str:
    """The sealed form; an empty text stays empty."""
    if not text:
        return ""
    name = primary()
    nonce = os.urandom(12)
    box = _current()[name].encrypt(nonce, text.encode(), name.encode())
    return f"{name}.{_b64(nonce)}.{_b64(box)}"


def open_box(box: str) -> str:
    """The text in the box. Raises `CannotOpen`."""
    if not box:
        return ""
    try:
        name, nonce, content = box.split(".")
        return _current()[name].decrypt(_unb64(nonce), _unb64(content), name.encode()).decode()
    except (KeyError, ValueError, InvalidTag) as error:
        raise CannotOpen("a sealed field cannot be opened with the configured keys") from error


def reseal(box: str) -> str:
    """The same text under the first key; unchanged when it already is."""
    return box if not box or box.split(".", 1)[0] == primary() else seal(open_box(box))


def keyed_hash(kind: str, text: str) -> str:
    """For look-up by equality: HMAC-SHA256 of the normal form; different kinds never collide."""
    normal = _phone(text) if kind == "phone" else "".join(text.split()).replace("-", "").lower()
    if not normal:
        return ""
    return hmac.digest(settings.LOOKUP_KEY.encode(), f"{kind}:{normal}".encode(), "sha256").hex()


def _phone(text: str) -> str:
    """One number however it was written: full-width digits, brackets, and before a mobile number the country's code or
    the 0 that carriers put there for one from elsewhere."""
    digits = text if text.isascii() and text.isdigit() else "".join(re.findall(r"[0-9]", normalize("NFKC", text)))
    return _BEFORE_MOBILE.sub("", digits)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
