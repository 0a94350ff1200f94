"""What the knowledge base brings to the background work."""

from __future__ import annotations

from datetime import timedelta

from ticketing.outbox import topics
from ticketing.outbox.reading import Listener, register
from ticketing.search import feed
from ticketing.work import jobs

from . import care


def connect() -> None:
    changed = frozenset({topics.KNOWLEDGE})
    register(Listener("knowledge_search", care.hear_changes, changed, atomic=False, ready=feed.ready))
    register(Listener("knowledge_use", care.hear_answers, frozenset({topics.TICKET})))
    jobs.register(jobs.Job("knowledge_care", timedelta(minutes=5), care.look))
    jobs.register(jobs.Job("knowledge_watch", timedelta(seconds=20), care.watch, lease=timedelta(minutes=30)))
