"""What reviews bring to the background work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ticketing.models import OutboxEntry
from ticketing.outbox import topics
from ticketing.outbox.reading import Listener, register
from ticketing.work import jobs

from . import inviting, listening, rectifying


def connect() -> None:
    register(Listener("reviews", hear_tickets, frozenset({topics.TICKET})))
    register(Listener("call_reviews", listening.hear_calls, frozenset({topics.CALL})))
    jobs.register(jobs.Job("rectifications", timedelta(minutes=1), rectifying.escalate))


def hear_tickets(entries: Sequence[OutboxEntry]) -> None:
    """Reviews first: who has rated is not invited."""
    listening.hear_tickets(entries)
    inviting.hear(entries)
