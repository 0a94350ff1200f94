"""Files on disk: written whole or not at all, under random keys in `settings.ATTACHMENTS`."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.conf import settings

from ticketing.models import Attachment

_KEY = re.compile(r"[0-9a-f]{64}")
CHUNK_BYTES = 256 * 1024
#: a file younger than this may belong to a transaction that is not committed yet
ORPHAN_AFTER_SECONDS = 3600


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def place(key: str) -> Path:
    """Where the file of `key` lies. Raises `ValueError` for anything that is not a key of ours."""
    if not is_key(key):
        raise ValueError("not a key of an attachment")
    return Path(settings.ATTACHMENTS) / key[:2] / key


def write(content: IO[bytes]) -> tuple[str, int, str]:
    """Stores everything in `content` under a new key; returns key, size and SHA-256. On failure nothing is left."""
    key = secrets.token_hex(32)
    target = place(key)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_suffix(".part")
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while chunk := content.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        remove(key)
        raise
    return key, size, digest.hexdigest()


def read(key: str) -> bytes:
    """The stored file. Raises `FileNotFoundError` when a backup was put back without its files."""
    return place(key).read_bytes()


def remove(key: str) -> None:
    target = place(key)
    for path in (target, target.with_suffix(".part")):
        with suppress(FileNotFoundError):
            path.unlink()


def _old_files(now: float) -> Iterator[tuple[str, Path]]:
    for path in Path(settings.ATTACHMENTS).glob("[0-9a-f][0-9a-f]/*"):
        with suppress(FileNotFoundError):
            if now - path.stat().st_mtime > ORPHAN_AFTER_SECONDS:
                yield path.stem, path


def sweep(now: float | None = None) -> int:
    """Deletes files without a row: what a process left that was killed between writing and committing."""
    old = list(_old_files(time.time() if now is None else now))
    gone = 0
    for start in range(0, len(old), 500):
        portion = old[start : start + 500]
        known = set(Attachment.objects.filter(key__in=[key for key, _ in portion]).values_list("key", flat=True))
        for key, path in portion:
            if key not in known or path.suffix:
                path.unlink(missing_ok=True)
                gone += 1
    return gone
