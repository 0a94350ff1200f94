"""What the exchange brings to the background work."""

from __future__ import annotations

from datetime import timedelta

from ticketing.work import jobs

from . import sending


def connect() -> None:
    jobs.register(jobs.Job("exchange", timedelta(seconds=5), sending.run))
