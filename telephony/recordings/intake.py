"""Takes finished recordings in from the folder where the phone system leaves them."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from telephony.calls.state import Status
from telephony.models import Call
from telephony.recordings.store import take_in

log = logging.getLogger(__name__)
SETTLE = timedelta(seconds=1)  # Asterisk closes the file just after the call's end
LOOK_BACK = timedelta(days=1)


def spool() -> Path:
    """HOTLINE_RECORDING_SPOOL; by default where `scripts/asterisk` links the node's spool."""
    return Path(settings.ENV.folder("RECORDING_SPOOL", settings.DATA / "asterisk" / "monitor"))


def intake(node: str, now: datetime) -> int:
    """Every recorded call that ended and has no recording row yet; returns how many were taken in."""
    due = Call.objects.filter(
        node=node, status=Status.ENDED, recorded=True, recording=None, ended_at__gt=now - LOOK_BACK,
        ended_at__lt=now - SETTLE, answered_at__isnull=False,
    )  # fmt: skip
    count = 0
    for call in due[:20]:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,80}", call.call):
            continue
        try:
            row = take_in(call, spool() / f"{call.call}.wav")
        except (OSError, EOFError) as error:
            log.error("recording of a call could not be taken in: %s", error)
            continue
        if row is not None and row.state != "kept":
            log.error("recording alarm: call %s is %s", call.pk, row.get_state_display())
        count += 1
    return count
