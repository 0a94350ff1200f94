"""Celery of the production profile: the same jobs that the single machine's poller runs, on many machines."""

from __future__ import annotations

import os
import socket
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")
SHORTEST_SECONDS = 1.0

app = Celery("hotline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["hotline"])


def plan(sender: Celery, **kwargs: Any) -> None:
    """Beat asks for every job at its own pace; a request that no worker took in time is dropped."""
    from hotline.tasks import job
    from ticketing.work.jobs import JOBS

    for known in JOBS:
        seconds = max(SHORTEST_SECONDS, known.every.total_seconds())
        sender.add_periodic_task(seconds, job.s(known.name), name=known.name, expires=max(10.0, 2 * seconds))


def own_name(**kwargs: Any) -> None:
    """Leases name their holder: processes forked from one parent must not share its name."""
    from ticketing.outbox import reading
    from ticketing.work import jobs

    jobs.HOLDER = reading.HOLDER = f"{socket.gethostname()}:{os.getpid()}"[:80]


app.on_after_finalize.connect(plan)
worker_process_init.connect(own_name)
