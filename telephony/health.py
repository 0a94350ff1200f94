"""Parts of telephony for `/healthz`."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from telephony.console.board import failed_recordings


def recordings() -> dict[str, object] | None:
    """Degraded while a recording of today is missing or silent: the legal record of that call does not exist."""
    if settings.PHONE_GATEWAY in ("none", "demo"):
        return None
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    failed = failed_recordings(midnight)
    detail = f"{failed} of today's recordings are missing or silent" if failed else "today's recordings are there"
    return {"ok": True, "degraded": failed > 0, "detail": detail, "failed": failed}


PROBES = {"recordings": recordings}
