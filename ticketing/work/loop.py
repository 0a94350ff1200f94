"""The poller process: runs each job when it is due, beats, and never lets one job's failure stop the others."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from django.db import close_old_connections

from . import jobs
from .jobs import Job

log = logging.getLogger(__name__)
BEAT_EVERY = 2.0


class Loop:
    """`run()` until `stop()`; `step()` does what is due now and says how long nothing will be."""

    def __init__(self, work: Iterable[Job] | None = None) -> None:
        self._jobs = list(jobs.JOBS if work is None else work)
        self._due = {job.name: 0.0 for job in self._jobs}
        self._beaten = 0.0
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def step(self) -> float:
        """One pass over the jobs. A job that did something is due again at once."""
        for job in self._jobs:
            if self._stopped.is_set():
                break
            if time.monotonic() >= self._due[job.name]:
                busy = self._try(job)
                self._due[job.name] = time.monotonic() + (0.0 if busy else job.every.total_seconds())
        if time.monotonic() - self._beaten > BEAT_EVERY:
            self._beaten = time.monotonic()
            self._safely("beat", lambda: jobs.beat("worker", jobs=len(self._jobs)))
        return max(0.0, min(self._due.values()) - time.monotonic())

    def _try(self, job: Job) -> bool:
        def work() -> int:
            if not jobs.take(f"job.{job.name}", job.lease):
                return 0
            done = job.run()
            if done or job.every.total_seconds() >= 1:
                jobs.beat(f"job.{job.name}", done=done)
            return done

        return bool(self._safely(job.name, work))

    def _safely(self, name: str, work: Callable[[], object]) -> object:
        try:
            return work()
        except Exception:
            log.exception("background job %s failed; it will be tried again", name)
            close_old_connections()
            return None

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._stopped.wait(min(self.step(), 1.0))
        finally:
            self._safely("give_back", jobs.give_back)
