"""Files of recordings: AES-256-GCM under a key of their own, which is sealed in the database.

Erasing the key erases the recording, wherever a copy of the file may lie.
"""

from __future__ import annotations

import array
import math
import os
import secrets
import wave
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils import timezone

from telephony.models import Call, Recording, RecordingState
from ticketing.privacy.crypto import open_box, seal

KEEP_DAYS = 365 * 2
EMPTY_BYTES = 44  # a wav header alone: the call was never bridged
SILENT_LEVEL = 20.0  # root mean square of 16-bit samples; speech is above 300


@dataclass(frozen=True, slots=True)
class Sound:
    seconds: float
    loudness: float


def measure(path: Path) -> Sound:
    """Length and loudness of a mono 16-bit wav; a silent one is a failed recording."""
    with wave.open(str(path), "rb") as file:
        frames, rate = file.getnframes(), file.getframerate()
        samples = array.array("h", file.readframes(frames))
    if not samples:
        return Sound(0.0, 0.0)
    return Sound(frames / rate, math.sqrt(sum(s * s for s in samples[::4]) / max(1, len(samples[::4]))))


def folder() -> Path:
    return Path(settings.DATA) / "recordings"


def encrypt(source: Path, name: str) -> tuple[str, str, int]:
    """Writes the encrypted copy; returns (relative path, sealed key, bytes)."""
    key, nonce = secrets.token_bytes(32), os.urandom(12)
    relative = f"{timezone.localdate():%Y/%m/%d}/{name}.aes"
    target = folder() / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    plain = source.read_bytes()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(nonce + AESGCM(key).encrypt(nonce, plain, name.encode()))
    return relative, seal(key.hex()), len(plain)


def decrypt(recording: Recording) -> bytes:
    data = (folder() / recording.path).read_bytes()
    key = bytes.fromhex(open_box(recording.key_box))
    return AESGCM(key).decrypt(data[:12], data[12:], recording.call.call.encode())


def take_in(call: Call, path: Path) -> Recording | None:
    """Encrypts a finished recording and removes the clear file. Safe to repeat; None while nothing is there to take."""
    if Recording.objects.filter(call=call).exists():
        path.unlink(missing_ok=True)
        return None
    keep = timezone.localdate() + timedelta(days=KEEP_DAYS)
    now = timezone.now()
    if not path.exists() or path.stat().st_size <= EMPTY_BYTES:
        path.unlink(missing_ok=True)
        if call.answered_at is None:
            return None
        return Recording.objects.create(call=call, state=RecordingState.MISSING, created_at=now, keep_until=keep)
    sound = measure(path)
    relative, key, size = encrypt(path, call.call)
    state = RecordingState.SILENT if sound.loudness < SILENT_LEVEL else RecordingState.KEPT
    row = Recording.objects.create(
        call=call, state=state, path=relative, key_box=key, seconds=sound.seconds, loudness=sound.loudness, size=size,
        created_at=now, keep_until=keep,
    )  # fmt: skip
    path.unlink()
    return row


def erase_due(today: date) -> int:
    """Retention: file and key go, the row stays as proof that it was erased."""
    due = Recording.objects.filter(keep_until__lt=today).exclude(state=RecordingState.ERASED)
    count = 0
    for row in due[:500]:
        if row.path:
            (folder() / row.path).unlink(missing_ok=True)
        row.path, row.key_box, row.state = "", "", RecordingState.ERASED
        row.save(update_fields=["path", "key_box", "state"])
        count += 1
    return count


def erase_today() -> int:
    """The hourly job."""
    return erase_due(timezone.localdate())
