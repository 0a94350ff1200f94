"""The supervisor's live board: one function of the tables, shown by page, API and socket alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q
from django.utils import timezone

from telephony.calls.state import Outcome, Status
from telephony.models import Call, CallbackRequest, CallbackState, SeatMode, SeatState

ANSWER_SECONDS = 15


def board(now: datetime | None = None) -> dict[str, object]:
    """Queues with waiting callers, seats with their state, today's service level. Holds no personal data."""
    moment = now or timezone.now()
    midnight = timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "at": moment.isoformat(),
        "queues": [
            {"queue": row["queue"], "waiting": row["n"], "longest": _seconds(moment, row["first"])}
            for row in Call.objects.filter(status__in=(Status.QUEUED, Status.RINGING))
            .values("queue").annotate(n=Count("id"), first=Min("queued_at")).order_by("queue")
        ],
        "seats": [
            {"seat": s.extension, "name": str(s.staff) if s.staff_id else "", "mode": s.mode,
             "label": SeatMode(s.mode).label, "reason": s.reason, "seconds": _seconds(moment, s.since),
             "reachable": s.reachable}
            for s in SeatState.objects.exclude(mode=SeatMode.OFFLINE).select_related("staff")
        ],
        "today": today(midnight),
        "owed": CallbackRequest.objects.filter(state=CallbackState.WAITING).count(),
    }  # fmt: skip


def today(since: datetime) -> dict[str, object]:
    asked = Q(queued_at__isnull=False) & ~Q(outbound=True)
    fast = Q(answered_at__isnull=False, answered_at__lte=F("queued_at") + timedelta(seconds=ANSWER_SECONDS))
    row = Call.objects.filter(arrived_at__gte=since).aggregate(
        asked=Count("id", filter=asked),
        answered=Count("id", filter=asked & Q(answered_at__isnull=False)),
        fast=Count("id", filter=asked & fast),
        abandoned=Count("id", filter=Q(outcome=Outcome.ABANDONED)),
    )
    rate = round(100 * row["fast"] / row["answered"], 1) if row["answered"] else None
    return {**row, "service_level": rate}


def _seconds(now: datetime, since: datetime | None) -> int:
    return max(0, int((now - since).total_seconds())) if since else 0
