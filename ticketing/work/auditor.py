"""The auditor looks, independently of the timers, for items past their time; its silence is the alarm."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone

from ticketing.models import Clock, Heartbeat, Ticket
from ticketing.terms import OPEN, ClockState

log = logging.getLogger(__name__)
#: a due clock that nobody fired for so long means that the timers are not working
GRACE = timedelta(minutes=2)
NAME = "auditor"


def look() -> int:
    """Counts what should not exist and leaves the answer in the auditor's heartbeat."""
    now = timezone.now()
    unfired = Clock.objects.filter(state=ClockState.RUNNING, breached_at__isnull=True, due_at__lt=now - GRACE).count()
    idle = Ticket.objects.filter(status__in=list(OPEN), due_at__isnull=True, created_at__lt=now - GRACE)
    clockless = idle.exclude(clocks__state__in=[ClockState.RUNNING, ClockState.PAUSED]).count()
    if unfired or clockless:
        log.error("auditor: %s due clocks not fired, %s open tickets without a clock", unfired, clockless)
    Heartbeat.objects.update_or_create(
        name=NAME, defaults={"beat_at": now, "detail": {"unfired": unfired, "clockless": clockless}}
    )
    return 0
