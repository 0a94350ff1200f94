"""The background jobs as Celery tasks: one task, called by name, on as many machines as there are workers."""

from __future__ import annotations

import time
from typing import Any

from celery import shared_task

from ticketing.models import Lease
from ticketing.work import jobs

#: how long one task keeps taking portions before it makes room for others
TURN_SECONDS = 20.0


def run_job(name: str) -> int:
    """Does portions of the job until nothing is left or the turn is over; how much was done.

    The lease keeps two workers from doing the same job at once; it is given back, so that any worker may go on.
    """
    known = next(one for one in jobs.JOBS if one.name == name)
    jobs.beat("worker", jobs=len(jobs.JOBS))
    lease = f"job.{name}"
    ends, total = time.monotonic() + TURN_SECONDS, 0
    if not jobs.take(lease, known.lease):
        return 0
    try:
        while done := known.run():
            total += done
            if time.monotonic() >= ends or not jobs.take(lease, known.lease):
                break
        jobs.beat(lease, done=total)
    finally:
        Lease.objects.filter(pk=lease, holder=jobs.HOLDER).delete()
    return total


job: Any = shared_task(name="hotline.job", ignore_result=True)(run_job)
