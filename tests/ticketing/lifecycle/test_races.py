"""Two people, or a person and a timer, act on one ticket at the same moment: one wins, the other hears who did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from tests.city import City
from ticketing.clocks.poller import fire
from ticketing.clocks.recompute import differences
from ticketing.errors import TicketError
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.journal.verify import faults
from ticketing.lifecycle.actions.dispatching import Dispatch
from ticketing.lifecycle.actions.extensions import ApproveExtension, AskExtension
from ticketing.lifecycle.actions.handling import Sign
from ticketing.lifecycle.actors import citizen_actor
from ticketing.lifecycle.engine import act
from ticketing.models import Assignment, Clock, OutboxEntry, Ticket, TicketEvent
from ticketing.outbox import reading, topics
from ticketing.outbox.publish import publish

from .stages import ASK_RETURN

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = 8


@pytest.fixture(autouse=True)
def _postgres() -> Iterator[None]:
    assert connection.vendor == "postgresql", "these tests need real concurrency: scripts/test --services"
    yield


def together(*work: Callable[[], object]) -> list[object]:
    """Runs each in a thread of its own, started at once; returns results or errors, in order."""
    barrier = threading.Barrier(len(work))
    results: list[object] = [None] * len(work)

    def run(index: int, job: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[index] = job()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def check() -> None:
    assert list(faults()) == []
    assert list(differences()) == []


def test_two_dispatchers(real_city: City) -> None:
    one, two = real_city.actor("dispatcher"), real_city.actor("dispatcher2")
    lights, water = real_city.unit["lights"].pk, real_city.unit["water"].pk
    for _ in range(ROUNDS):
        ticket = real_city.triaged()
        results = together(
            lambda pk=ticket.pk: act(pk, Dispatch(lead=lights), actor=one),  # type: ignore[misc]
            lambda pk=ticket.pk: act(pk, Dispatch(lead=water), actor=two),  # type: ignore[misc]
        )
        losers = [result for result in results if isinstance(result, TicketError)]
        assert len(losers) == 1
        assert "派单" in str(losers[0])
        assert "员 已于" in str(losers[0])
        assert Assignment.objects.filter(ticket=ticket).count() == 1
    check()


def test_sign_against_return(real_city: City) -> None:
    handler, colleague = real_city.actor("handler"), real_city.actor("colleague")
    for _ in range(ROUNDS):
        ticket = real_city.dispatched()
        results = together(
            lambda pk=ticket.pk: act(pk, Sign(), actor=handler),  # type: ignore[misc]
            lambda pk=ticket.pk: act(pk, ASK_RETURN, actor=colleague),  # type: ignore[misc]
        )
        assert sum(isinstance(result, TicketError) for result in results) == 1
        ticket.refresh_from_db()
        assert ticket.status in ("handling", "return_asked")
    check()


def test_breach_against_extension(real_city: City) -> None:
    """Asked in time, decided as it runs out: whoever is first, the clock ends extended, with one breach at most."""
    for _ in range(ROUNDS):
        ticket = real_city.signed()
        act(ticket.pk, AskExtension(working_days=3, reason="等待配件"), actor=real_city.actor("handler"))
        clock = Clock.objects.get(ticket=ticket, name="handle")
        assert clock.due_at is not None
        moment = clock.due_at + timedelta(seconds=1)
        results = together(
            lambda m=moment: fire(m),  # type: ignore[misc]
            lambda pk=ticket.pk, m=moment: act(  # type: ignore[misc]
                pk, ApproveExtension(), actor=real_city.actor("supervisor"), now=m
            ),
        )
        assert not any(isinstance(result, Exception) for result in results), results
        clock.refresh_from_db()
        assert clock.due_at is not None
        assert clock.due_at > moment
        assert clock.breached_at is None
        breaches = TicketEvent.objects.filter(ticket=ticket, action="breach", data__clock="handle")
        assert breaches.count() <= 1
    check()


def test_two_pollers_fire_once(real_city: City) -> None:
    tickets = [real_city.dispatched() for _ in range(6)]
    moment = timezone.now() + timedelta(days=40)
    together(*[lambda: fire(moment)] * 4)
    while fire(moment):
        pass
    for ticket in tickets:
        fired = TicketEvent.objects.filter(ticket=ticket, action="breach")
        assert sorted(event.data["clock"] for event in fired) == ["handle", "sign"]
    check()


def test_the_same_external_id_at_once_is_one_ticket(real_city: City) -> None:
    report = Report(channel="peer", external_id="X-1", body="同一件事同时送来两次。")
    results = together(*[lambda: accept(report, actor=citizen_actor())] * 4)
    assert not any(isinstance(result, Exception) for result in results), results
    assert Ticket.objects.filter(external_id="X-1").count() == 1
    assert sum(result.new for result in results) == 1  # type: ignore[attr-defined]


def test_a_slow_transaction_is_not_jumped_over(transactional_db: None) -> None:
    """The slow one takes the lower id and ends last; a reader that went past the fast one must still meet it."""
    heard: list[str] = []
    listener = reading.Listener("test", lambda batch: heard.extend(entry.key for entry in batch), topics.ALL)
    wrote, go_on = threading.Event(), threading.Event()

    def entry(key: str) -> OutboxEntry:
        return OutboxEntry(topic=topics.SEAT, key=key, created_at=timezone.now())

    def slow() -> None:
        with transaction.atomic():
            publish([entry("slow")])
            wrote.set()
            go_on.wait(10)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    wrote.wait(10)
    publish([entry("fast")])
    reading.run(listener)
    go_on.set()
    thread.join()
    for _ in range(3):
        reading.run(listener)
    assert sorted(heard) == ["fast", "slow"]
