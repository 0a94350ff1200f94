"""Calls that we owe: in order, three tries at decent hours, never two agents on one."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.utils import timezone

from directory.models import Staff
from telephony.models import CallbackRequest, CallbackState

TRIES = 3
DECENT = "08:30-20:30"  # local; a survey at night is a nuisance
AGAIN = timedelta(hours=2)
LEASE = timedelta(minutes=10)


def hours() -> tuple[time, time]:
    """HOTLINE_CALL_HOURS: between which times of day a citizen may be rung, `HH:MM-HH:MM`."""
    text = settings.ENV.text("CALL_HOURS", DECENT)
    try:
        first, last = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ImproperlyConfigured(f"HOTLINE_CALL_HOURS is {text!r}; accepted is HH:MM-HH:MM, e.g. {DECENT}") from None
    if first >= last:
        raise ImproperlyConfigured(f"HOTLINE_CALL_HOURS is {text!r}; the first time must be earlier than the second")
    return first, last


def decent(moment: datetime) -> datetime:
    """`moment`, or the next one at which a citizen may be rung."""
    (first, last), local = hours(), timezone.localtime(moment)
    if first <= local.time() < last:
        return moment
    day = local if local.time() < first else local + timedelta(days=1)
    return day.replace(hour=first.hour, minute=first.minute, second=0, microsecond=0)


def next_owed(
    staff: Staff | None, now: datetime, kinds: tuple[str, ...] = ("abandoned", "asked")
) -> CallbackRequest | None:
    """Takes the first that is due. Compare-and-set: of two who ask at once each gets another one, or none."""
    free = Q(state=CallbackState.WAITING) | Q(state=CallbackState.TAKEN, lease_until__lt=now)
    due = CallbackRequest.objects.filter(free, not_before__lte=now, kind__in=kinds).order_by("place_at", "id")
    for row in due[:20]:
        taken = CallbackRequest.objects.filter(free, pk=row.pk).update(
            state=CallbackState.TAKEN, staff=staff, lease_until=now + LEASE, tries=row.tries + 1, dialled=""
        )
        if taken:
            row.refresh_from_db()
            return row
    return None


def give_back(row: CallbackRequest) -> None:
    """Nothing was dialled: no try was made. A call that was placed meanwhile keeps its row."""
    CallbackRequest.objects.filter(pk=row.pk, state=CallbackState.TAKEN, dialled="").update(
        state=CallbackState.WAITING, tries=max(0, row.tries - 1), lease_until=None, staff=None
    )


def settle(row: CallbackRequest, *, reached: bool, now: datetime) -> None:
    """After a try: reached, or again later at a decent hour, or given up after the third (an SMS follows then)."""
    if reached:
        row.state, row.settled_at = CallbackState.REACHED, now
    elif row.tries >= TRIES:
        row.state, row.settled_at = CallbackState.GIVEN_UP, now
    else:
        row.state, row.not_before = CallbackState.WAITING, decent(now + AGAIN)
    row.lease_until = None
    row.save(update_fields=["state", "settled_at", "not_before", "lease_until"])
