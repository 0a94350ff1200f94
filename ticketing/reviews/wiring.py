"""What reviews bring to the background work."""

from __future__ import annotations

from datetime import timedelta

from ticketing.outbox import topics
from ticketing.outbox.reading import Listener, register
from ticketing.work import jobs

from . import inviting, listening, rectifying


def connect() -> None:
    register(Listener("reviews", listening.hear_tickets, frozenset({topics.TICKET})))
    register(Listener("rating_invitations", inviting.hear, frozenset({topics.TICKET})))
    register(Listener("call_reviews", listening.hear_calls, frozenset({topics.CALL})))
    jobs.register(jobs.Job("rectifications", timedelta(minutes=1), rectifying.escalate))
