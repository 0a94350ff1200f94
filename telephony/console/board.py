"""The supervisor's live board: one function of the tables, shown by page, API and socket alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, FloatField, Func, Min, Q
from django.utils import timezone

from telephony.bridge import breaks
from telephony.calls.state import Outcome, Status
from telephony.console.present import notices, queue_labels
from telephony.models import Call, CallbackRequest, CallbackState, Recording, RecordingState, SeatMode, SeatState
from telephony.models.seats import resting

ANSWER_SECONDS = 15
#: what is sent whole when it changed; seats are sent one by one
SUMS = ("today", "owed", "recordings", "notices")
PARTS = ("queues", *SUMS)
#: columns of a seat that the board needs, as plain values: they are read up to twenty times a second
SHOWN = ("extension", "mode", "reason", "since", "reachable", "call", "staff__name", "staff__username")
LABELS = {mode.value: mode.label for mode in SeatMode}
Board = dict[str, object]


class SecondsBetween(Func):
    """From the first moment to the second, in seconds to the millisecond. SQLite's own arithmetic on moments goes
    through Python for every row; the board is asked up to twenty times a second."""

    output_field = FloatField()
    arity = 2
    template = "ROUND(EXTRACT(EPOCH FROM (%(expressions)s))::numeric, 3)"
    arg_joiner = " - "

    def __init__(self, first: str, second: str) -> None:
        super().__init__(F(second), F(first))

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        days = "(julianday(%(expressions)s))"
        return self.as_sql(
            compiler, connection, template=f"ROUND({days} * 86400.0, 3)", arg_joiner=") - julianday(", **more
        )


def board(now: datetime | None = None) -> Board:
    """Queues with waiting callers, seats with their state, today's service level. Holds no personal data.

    Times are moments, not ages: a row changes only when something happened.
    """
    moment = now or timezone.now()
    return {"at": moment.isoformat(), **waiting_and_seats(moment), **sums(moment)}


def waiting_and_seats(now: datetime) -> Board:
    """Who waits and what each seat does: what a leader acts upon."""
    labels = queue_labels()
    return {
        "queues": [
            {"queue": row["queue"], "label": labels.get(row["queue"], row["queue"]), "waiting": row["n"],
             "since": _iso(row["first"])}
            for row in Call.objects.filter(status__in=(Status.QUEUED, Status.RINGING))
            .values("queue").annotate(n=Count("id"), first=Min("queued_at")).order_by("queue")
        ],
        "seats": [_seat(row, now) for row in SeatState.objects.exclude(mode=SeatMode.OFFLINE).values_list(*SHOWN)],
    }  # fmt: skip


def sums(now: datetime) -> Board:
    """What grows with the day or seldom changes: counting it costs more the more calls there were."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "today": today(midnight),
        "owed": CallbackRequest.objects.filter(state=CallbackState.WAITING).count(),
        "recordings": failed_recordings(midnight),
        "notices": notices(now),
    }


def _seat(row: tuple[Any, ...], now: datetime) -> dict[str, object]:
    extension, mode, reason, since, reachable, call, name, username = row
    late = resting(mode, reason, call) and now - since > timedelta(minutes=breaks.minutes())
    return {
        "seat": extension, "name": name or username or "", "mode": mode, "label": LABELS[mode], "reason": reason,
        "since": _iso(since), "reachable": reachable, "late": late,
    }  # fmt: skip


def failed_recordings(since: datetime) -> int:
    """Recordings of today's calls that are missing or silent: the alarm that somebody must look at."""
    bad = (RecordingState.SILENT, RecordingState.MISSING)
    return Recording.objects.filter(created_at__gte=since, state__in=bad).count()


def today(since: datetime) -> dict[str, object]:
    asked = Q(queued_at__isnull=False) & ~Q(outbound=True)
    fast = Q(answered_at__isnull=False, waited__lte=ANSWER_SECONDS)
    calls = Call.objects.filter(arrived_at__gte=since).alias(waited=SecondsBetween("queued_at", "answered_at"))
    row = calls.aggregate(
        asked=Count("id", filter=asked),
        answered=Count("id", filter=asked & Q(answered_at__isnull=False)),
        fast=Count("id", filter=asked & fast),
        abandoned=Count("id", filter=Q(outcome=Outcome.ABANDONED)),
    )
    rate = round(100 * row["fast"] / row["answered"], 1) if row["answered"] else None
    return {**row, "service_level": rate}


def changes(before: Board, after: Board) -> Board:
    """What is new in `after`: whole parts, but of the seats only those that changed, and who is `gone`."""
    found: Board = {name: after[name] for name in PARTS if after[name] != before[name]}
    old, new = _by_seat(before), _by_seat(after)
    changed = [row for seat, row in new.items() if old.get(seat) != row]
    gone = sorted(set(old) - set(new))
    if changed:
        found["seats"] = changed
    if gone:
        found["gone"] = gone
    return found


def _by_seat(state: Board) -> dict[str, object]:
    return {row["seat"]: row for row in state["seats"]}  # type: ignore[attr-defined]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
