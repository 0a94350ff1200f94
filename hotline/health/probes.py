"""The parts every installation has, each asked by looking at what it last did, not at whether its object exists."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cache

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.utils import timezone

from hotline.health.registry import Part, State, brought_along
from ticketing.models import Clock, Heartbeat, OutboxCursor, OutboxEntry, Ticket
from ticketing.outbox.reading import listeners, unheard
from ticketing.search import engines
from ticketing.search.documents import SearchUnavailable
from ticketing.terms import ClockState
from ticketing.work.jobs import JOBS

BEAT_SECONDS = 30  # background work beats every two seconds, unless one portion of a job takes long
AUDIT_SECONDS = 180
LAG_SECONDS = 120  # an event or a timer that waits longer is late
SLOW_SECONDS = 15  # and from here on it is named as degraded


@cache
def _schema_is_current() -> bool:
    """True for good once true: a running process never sees a newer schema than its own code."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LookupError("migrations are missing")  # not cached
    return True


def database() -> State:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    try:
        _schema_is_current()
    except LookupError:
        return State(False, "answers, but migrations are missing: run manage.py migrate")
    return State(True, connection.vendor)


def _age(beat_at: datetime) -> float:
    return max(0.0, (timezone.now() - beat_at).total_seconds())


def _heard_from(name: str, limit_seconds: int) -> State:
    """Judges a part by its last heartbeat."""
    beat = Heartbeat.objects.filter(name=name).first()
    if beat is None:
        return State(False, "no sign of life yet")
    age = _age(beat.beat_at)
    figures = {"age_seconds": round(age, 1)}
    if age > limit_seconds:
        return State(False, f"silent for {age:.0f} s (limit {limit_seconds} s)", figures=figures)
    return State(True, "alive", figures=figures)


def _stalled_jobs() -> list[str]:
    """Jobs that have not come round for three times their pace, by their own heartbeats."""
    pace = {f"job.{job.name}": max(60.0, 3 * job.every.total_seconds()) for job in JOBS}
    beats = Heartbeat.objects.filter(name__in=pace).values_list("name", "beat_at")
    quick = {
        f"job.{job.name}" for job in JOBS if job.every.total_seconds() < 1
    }  # these beat only when they did something
    return sorted(name for name, at in beats if name not in quick and _age(at) > pace[name])


def background() -> State:
    """The worker's own sign of life, and whether each of its jobs comes round."""
    state = _heard_from("worker", BEAT_SECONDS)
    stalled = _stalled_jobs() if state.ok else []
    if not stalled:
        return state
    return State(False, "stalled: " + ", ".join(stalled), figures=state.figures)


def auditor() -> State:
    """Silence is the alarm; what it found late or without a clock makes it degraded."""
    state = _heard_from("auditor", AUDIT_SECONDS)
    found = Heartbeat.objects.filter(name="auditor").values_list("detail", flat=True).first() or {}
    counts = {key: value for key, value in found.items() if isinstance(value, int)}
    if not state.ok or not any(counts.values()):
        return state
    return State(True, "found tickets past their time", True, {**state.figures, **counts})


def _lag(seconds: float, waiting: int, what: str) -> State:
    figures = {"lag_seconds": round(seconds, 1), "waiting": waiting}
    if seconds > LAG_SECONDS:
        return State(False, f"{what} waits for {seconds:.0f} s (limit {LAG_SECONDS} s)", figures=figures)
    return State(True, "up to date" if not waiting else "working", seconds > SLOW_SECONDS, figures)


def outbox() -> State:
    """How long the slowest listener's oldest event has been waiting."""
    places = {place.listener: place for place in OutboxCursor.objects.all()}
    oldest, slowest = None, ""
    for listener in listeners():
        waiting = OutboxEntry.objects.filter(unheard(places.get(listener.name)))
        found = waiting.order_by("xid", "pk").values_list("created_at", flat=True).first()
        if found is not None and (oldest is None or found < oldest):
            oldest, slowest = found, listener.name
    if oldest is None:
        return State(True, "up to date", figures={"lag_seconds": 0.0, "waiting": 0})
    return _lag(_age(oldest), 1, f"an event for {slowest}")


def timers() -> State:
    """How long the oldest unfired breach or warning has been due."""
    now = timezone.now()
    running = Clock.objects.filter(state=ClockState.RUNNING, breached_at__isnull=True)
    late = running.filter(due_at__lt=now).aggregate(at=Min("due_at"))["at"]
    warn = running.filter(warned_at__isnull=True, warn_at__lt=now).aggregate(at=Min("warn_at"))["at"]
    due = [at for at in (late, warn) if at is not None]
    return _lag(_age(min(due)) if due else 0.0, len(due), "a timer")


def realtime() -> State:
    """A message sent through the channel layer comes back; the desk's hub reads the outbox and needs no layer."""
    layer = get_channel_layer()

    async def there_and_back() -> bool:
        token = uuid.uuid4().hex
        channel = await layer.new_channel("health")
        await layer.send(channel, {"type": "health", "token": token})
        return bool((await layer.receive(channel))["token"] == token)

    return State(async_to_sync(there_and_back)(), "redis" if settings.REDIS_URL else "in this process")


def phone() -> State | None:
    if settings.PHONE_GATEWAY == "none":
        return None
    beats = Heartbeat.objects.filter(name__startswith="bridge.")
    ages = {beat.name.removeprefix("bridge."): _age(beat.beat_at) for beat in beats}
    figures = {"gateway": settings.PHONE_GATEWAY, "age_seconds": {node: round(age, 1) for node, age in ages.items()}}
    if not ages:
        return State(False, "no sign of life yet", figures=figures)
    silent = [f"{node} is silent for {age:.0f} s" for node, age in ages.items() if age > BEAT_SECONDS]
    cut = [f"{beat.name.removeprefix('bridge.')} has no link" for beat in beats if not beat.detail.get("link")]
    return State(not silent and not cut, "; ".join(silent + cut) or "alive", figures=figures)


def search() -> State:
    """The engine answers and is not empty while there are tickets; how far behind it is stands under `outbox`."""
    try:
        documents = engines.tickets().count()
    except SearchUnavailable:
        return State(False, f"{settings.SEARCH_ENGINE} does not answer")
    figures = {"engine": settings.SEARCH_ENGINE, "documents": documents}
    if not documents and Ticket.objects.exists():
        return State(True, "the index is being filled", True, figures)
    return State(True, "answers", figures=figures)


def parts() -> dict[str, Part]:
    """All parts by name, in the order in which they are shown."""
    own = {
        "database": Part("database", database, required=True, needs_database=False),
        "background": Part("background", background),
        "outbox": Part("outbox", outbox),
        "timers": Part("timers", timers),
        "auditor": Part("auditor", auditor),
        "realtime": Part("realtime", realtime, needs_database=False),
        "phone": Part("phone", phone),
        "search": Part("search", search),
    }
    return own | brought_along()
