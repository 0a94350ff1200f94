"""What the exchange brings to the background work."""

from __future__ import annotations

from datetime import timedelta

from ticketing.outbox import topics
from ticketing.outbox.reading import Listener, register
from ticketing.work import jobs

from . import sending


def connect() -> None:
    register(Listener("exchange", sending.hear, frozenset({topics.TICKET})))
    jobs.register(jobs.Job("exchange", timedelta(seconds=5), sending.run))
