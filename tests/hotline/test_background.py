"""The background jobs under Celery: the same list, one at a time per job, at least at their own pace."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from celery import Celery
from django.utils import timezone

from hotline import celery, tasks
from ticketing.models import Heartbeat, Lease
from ticketing.outbox import reading
from ticketing.work import jobs
from ticketing.work.jobs import Job


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One job that finds three portions of work."""
    done: list[str] = []
    portions = itertools.chain([2, 2, 1], itertools.repeat(0))

    def run() -> int:
        done.append("ran")
        return next(portions)

    monkeypatch.setattr(jobs, "JOBS", [Job("clocks", timedelta(seconds=1), run)])
    return done


@pytest.mark.django_db
def test_a_task_works_until_nothing_is_left_and_frees_the_job(ran: list[str]) -> None:
    assert tasks.job("clocks") == 5
    assert len(ran) == 4
    assert not Lease.objects.exists()
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"worker", "job.clocks"}


@pytest.mark.django_db
def test_a_job_that_another_worker_holds_is_left_to_it(ran: list[str]) -> None:
    Lease.objects.create(name="job.clocks", holder="elsewhere:1", until=timezone.now() + timedelta(minutes=1))
    assert tasks.job("clocks") == 0
    assert ran == []
    assert Lease.objects.get().holder == "elsewhere:1"


@pytest.mark.django_db
def test_a_dead_workers_job_is_taken_over(ran: list[str]) -> None:
    Lease.objects.create(name="job.clocks", holder="elsewhere:1", until=timezone.now() - timedelta(seconds=1))
    assert tasks.job("clocks") == 5


@pytest.mark.django_db
def test_a_failing_job_frees_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> int:
        raise OSError("gone")

    monkeypatch.setattr(jobs, "JOBS", [Job("clocks", timedelta(seconds=1), fails)])
    with pytest.raises(OSError, match="gone"):
        tasks.job("clocks")
    assert not Lease.objects.exists()


def test_beat_knows_every_job_at_its_pace() -> None:
    fresh = Celery("fresh")
    celery.plan(fresh)
    planned = fresh.conf.beat_schedule
    for job in jobs.JOBS:
        entry = planned[job.name]
        assert entry["args"] == (job.name,)
        assert entry["schedule"] == max(1.0, job.every.total_seconds())


def test_forked_workers_hold_leases_under_their_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "HOLDER", "the parent's")
    monkeypatch.setattr(reading, "HOLDER", "the parent's")
    celery.own_name()
    assert jobs.HOLDER == reading.HOLDER != "the parent's"
