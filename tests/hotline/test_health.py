"""Health tells the truth about each part, and nothing about people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from hotline.health import probes, registry, views
from hotline.health.registry import Part, State
from ticketing.models import Heartbeat, OutboxCursor, OutboxEntry
from ticketing.outbox.reading import Listener
from ticketing.search import engines
from ticketing.search.documents import SearchUnavailable


def fixed(state: State | None) -> Part:
    return Part("x", lambda: state)


def show(monkeypatch: pytest.MonkeyPatch, **states: State | None) -> None:
    """Make the views see exactly these parts; `database` is the required one."""
    known = {
        name: Part(name, lambda state=state: state, required=name == "database", needs_database=name != "database")  # type: ignore[misc]
        for name, state in states.items()
    }
    monkeypatch.setattr(views, "parts", lambda: known)


UP = State(True, "fine")
DOWN = State(False, "gone")
SLOW = State(True, "slow", degraded=True)


def test_livez_asks_nobody(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    show(monkeypatch, database=DOWN)
    assert client.get("/livez").status_code == 200


@pytest.mark.parametrize(
    ("states", "ready", "named", "healthy", "verdict"),
    [
        ({"database": UP, "phone": UP}, 200, [], 200, "ok"),
        ({"database": UP, "phone": DOWN}, 200, ["phone"], 503, "failing"),
        ({"database": UP, "phone": SLOW}, 200, ["phone"], 200, "degraded"),
        ({"database": UP, "phone": None}, 200, [], 200, "ok"),
        ({"database": DOWN, "phone": UP}, 503, ["phone"], 503, "failing"),
    ],
)
def test_ready_and_healthy(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    states: dict[str, State | None],
    ready: int,
    named: list[str],
    healthy: int,
    verdict: str,
) -> None:
    show(monkeypatch, **states)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["degraded"]) == (ready, named)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (healthy, verdict)
    assert answer.headers["Cache-Control"].startswith("max-age=0")


def test_a_part_that_is_not_configured_does_not_count(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    show(monkeypatch, database=UP, search=None)
    assert client.get("/healthz").json()["parts"]["search"] == {"configured": False}


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_a_failing_probe_is_an_answer_without_its_text() -> None:
    def fails() -> State:
        raise ValueError("call 13800000000")

    state = registry.ask(Part("search", fails))
    assert state == State(False, "the probe failed: ValueError")


def test_without_a_database_the_others_are_not_asked() -> None:
    asked: list[str] = []

    def probe() -> State:
        asked.append("outbox")
        return UP

    states = registry.ask_all(
        {"outbox": Part("outbox", probe), "database": Part("database", lambda: DOWN, needs_database=False)}
    )
    assert asked == []
    assert states["outbox"] is not None and not states["outbox"].ok
    assert list(states) == ["outbox", "database"]


def test_a_package_below_brings_its_own_probe() -> None:
    answers: Iterator[Mapping[str, object] | None] = iter([{"ok": True, "detail": "7 documents", "lag": 3}, None])
    probe = registry._adapted(lambda: next(answers))
    state = probe()
    assert state is not None and state.as_json() == {
        "configured": True,
        "ok": True,
        "degraded": False,
        "detail": "7 documents",
        "lag": 3,
    }
    assert probe() is None


@pytest.mark.django_db
def test_all_parts_of_the_product_are_listed(client: Client) -> None:
    named = set(client.get("/healthz").json()["parts"])
    assert {"database", "background", "outbox", "timers", "auditor", "realtime", "phone", "search"} <= named


@pytest.mark.django_db
def test_background_work_is_judged_by_its_last_beat() -> None:
    assert not probes.background().ok
    beat = Heartbeat.objects.create(name="worker", beat_at=timezone.now(), detail={})
    assert probes.background().ok
    beat.beat_at -= timedelta(seconds=probes.BEAT_SECONDS + 5)
    beat.save(update_fields=["beat_at"])
    assert "silent" in probes.background().detail


@pytest.mark.django_db
def test_a_job_that_does_not_come_round_is_named() -> None:
    now = timezone.now()
    Heartbeat.objects.create(name="worker", beat_at=now, detail={})
    clocks = Heartbeat.objects.create(name="job.clocks", beat_at=now, detail={})
    assert probes.background().ok
    clocks.beat_at -= timedelta(minutes=5)
    clocks.save(update_fields=["beat_at"])
    state = probes.background()
    assert not state.ok and "job.clocks" in state.detail


@pytest.mark.django_db
def test_what_the_auditor_found_is_a_degradation_and_its_silence_an_alarm() -> None:
    assert not probes.auditor().ok
    beat = Heartbeat.objects.create(name="auditor", beat_at=timezone.now(), detail={"unfired": 0})
    assert probes.auditor().ok and not probes.auditor().degraded
    beat.detail = {"unfired": 3}
    beat.save(update_fields=["detail"])
    assert probes.auditor().degraded
    beat.beat_at -= timedelta(seconds=probes.AUDIT_SECONDS + 5)
    beat.save(update_fields=["beat_at"])
    assert not probes.auditor().ok


@pytest.mark.django_db
def test_the_slowest_listener_is_the_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("quick", "webhooks")
    known = [Listener(name, lambda entries: None, frozenset({"ticket"})) for name in names]
    monkeypatch.setattr(probes, "listeners", lambda: known)
    assert probes.outbox().ok
    now = timezone.now()
    for minutes in (10, 1):
        OutboxEntry.objects.create(topic="ticket", created_at=now - timedelta(minutes=minutes))
    first, last = OutboxEntry.objects.order_by("id").values_list("id", flat=True)
    OutboxCursor.objects.create(listener="quick", high_xid=1, last_id=last)
    state = probes.outbox()
    assert not state.ok and "webhooks" in state.detail
    late = OutboxCursor.objects.create(listener="webhooks", high_xid=1, last_id=0)
    assert not probes.outbox().ok
    late.last_id = first
    late.save(update_fields=["last_id"])
    state = probes.outbox()
    assert state.ok and state.degraded
    late.last_id = last
    late.save(update_fields=["last_id"])
    assert not probes.outbox().degraded


@pytest.mark.django_db
def test_the_phone_needs_a_living_bridge_and_its_link(settings: Any) -> None:
    settings.PHONE_GATEWAY = "none"
    assert probes.phone() is None
    settings.PHONE_GATEWAY = "asterisk"
    assert not (probes.phone() or UP).ok
    one = Heartbeat.objects.create(name="bridge.one", beat_at=timezone.now(), detail={"link": True})
    assert (probes.phone() or DOWN).ok
    two = Heartbeat.objects.create(name="bridge.two", beat_at=timezone.now(), detail={"link": False})
    state = probes.phone()
    assert state is not None and not state.ok and state.detail == "two has no link"
    two.delete()
    one.beat_at -= timedelta(seconds=probes.BEAT_SECONDS + 5)
    one.save(update_fields=["beat_at"])
    assert "one is silent" in (probes.phone() or UP).detail


@pytest.mark.django_db
def test_search_asks_its_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    class Engine:
        def __init__(self, documents: int | None) -> None:
            self.documents = documents

        def count(self) -> int:
            if self.documents is None:
                raise SearchUnavailable("https://user:secret@search:9200")
            return self.documents

    monkeypatch.setattr(engines, "tickets", lambda: Engine(3))
    assert probes.search().ok and probes.search().figures["documents"] == 3
    monkeypatch.setattr(engines, "tickets", lambda: Engine(None))
    assert not probes.search().ok
    assert "secret" not in probes.search().detail


@pytest.mark.django_db
def test_realtime_sends_there_and_back() -> None:
    assert probes.realtime().ok


@pytest.mark.django_db
def test_a_dead_database_is_told_not_raised(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead() -> State:
        raise OperationalError("no route to host")

    known = probes.parts() | {"database": Part("database", dead, required=True, needs_database=False)}
    monkeypatch.setattr(views, "parts", lambda: known)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "no route" not in answer.content.decode()
