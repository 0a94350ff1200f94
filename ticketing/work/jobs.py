"""The list of background jobs: name, how often, and the function. Both the poller and Celery run from this list."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from ticketing.alarms import running as alarms
from ticketing.clocks import poller
from ticketing.intake import later
from ticketing.models import Heartbeat, Lease
from ticketing.notify import delivery
from ticketing.outbox import reading
from ticketing.work import auditor, housekeeping

HOLDER = f"{socket.gethostname()}:{os.getpid()}"[:80]


@dataclass(frozen=True)
class Job:
    """`run()` does one bounded portion and returns how much it did; `every` is the pause when there was nothing."""

    name: str
    every: timedelta
    run: Callable[[], int]
    lease: timedelta = timedelta(seconds=60)


def _outbox() -> int:
    return sum(reading.run(listener) for listener in reading.listeners())


JOBS: list[Job] = [
    Job("outbox", timedelta(milliseconds=300), _outbox),
    Job("clocks", timedelta(seconds=1), poller.fire),
    Job("alarms", timedelta(seconds=2), alarms.run),
    Job("notices", timedelta(seconds=2), delivery.send_waiting),
    Job("webhooks", timedelta(seconds=2), delivery.post_webhooks),
    Job("auditor", timedelta(seconds=30), auditor.look),
    Job("proposals", timedelta(seconds=20), later.propose),
    Job("archive", timedelta(minutes=10), housekeeping.archive),
    Job("outbox_pruning", timedelta(minutes=30), housekeeping.prune_outbox),
]


def register(job: Job) -> None:
    """Adds a job of another package, from its `ready()`."""
    if job.name not in {known.name for known in JOBS}:
        JOBS.append(job)


def beat(name: str, **detail: object) -> None:
    """A sign of life; its age is what `/healthz` reports."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now(), "detail": detail})


def take(name: str, lease: timedelta, now: datetime | None = None) -> bool:
    """Takes or renews the lease `name`; False while another living process holds it."""
    moment = now or timezone.now()
    free = Lease.objects.filter(Q(holder=HOLDER) | Q(until__lt=moment), pk=name)
    if free.update(holder=HOLDER, until=moment + lease):
        return True
    try:
        return Lease.objects.get_or_create(pk=name, defaults={"holder": HOLDER, "until": moment + lease})[1]
    except IntegrityError:
        return False


def give_back() -> None:
    """Frees everything this process holds (a clean stop)."""
    Lease.objects.filter(holder=HOLDER).delete()
