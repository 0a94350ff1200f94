"""Who listens to what: the one visible place where listeners and hooks are put together."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec

from ticketing.outbox import topics
from ticketing.outbox.reading import Listener, register

#: packages inside ticketing that bring listeners or jobs of their own, through `wiring.connect()`
PARTS = ("exchange", "search", "knowledge", "reviews", "api", "portal")


def connect() -> None:
    """Registers every listener; called once when the apps are ready."""
    from directory.worktime import source
    from ticketing import learning
    from ticketing.clocks.recalendar import recalculate_provisional
    from ticketing.desk import drift_alarms
    from ticketing.journal import anchor
    from ticketing.notify import merged
    from ticketing.work import jobs

    jobs.register(jobs.Job("learning", timedelta(minutes=10), learning.nightly))
    jobs.register(jobs.Job("drift", timedelta(hours=1), drift_alarms.look))
    register(Listener(anchor.LISTENER, anchor.hear, frozenset({topics.TICKET, topics.LEDGER})))
    merged.connect()
    source.on_calendar_change.append(lambda change: void(recalculate_provisional()))
    for part in PARTS:
        name = f"ticketing.{part}.wiring"
        if find_spec(f"ticketing.{part}") and find_spec(name):
            import_module(name).connect()


def void(_count: int) -> None:
    """A hook's answer that nobody waits for."""
