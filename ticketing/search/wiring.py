"""What search brings to the background work: it listens to the outbox and watches over its index."""

from __future__ import annotations

from datetime import timedelta

from ticketing.outbox.reading import register
from ticketing.work import jobs

from . import feed


def connect() -> None:
    register(feed.LISTENER)
    jobs.register(jobs.Job("search_watch", timedelta(seconds=20), feed.watch, lease=timedelta(minutes=30)))
