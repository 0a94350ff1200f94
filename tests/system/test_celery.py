"""Celery for real: beat asks, a worker on Redis does, and the health of the background work shows it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from hotline.health import probes
from ticketing.models import Heartbeat, Lease

TOP = Path(__file__).parents[2]
PATIENCE_SECONDS = 120

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def database_url() -> str:
    """The test database, for processes of their own."""
    row = connection.settings_dict
    return f"postgresql://{row['USER']}:{row['PASSWORD']}@{row['HOST']}:{row['PORT']}/{row['NAME']}"


@pytest.fixture
def celery(tmp_path: Path) -> Iterator[None]:
    """A worker and a beat on the test database and on Redis' second database."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HOTLINE_")}
    environment |= {
        "HOTLINE_DATA": str(tmp_path),
        "HOTLINE_DATABASE_URL": database_url(),
        "HOTLINE_REDIS_URL": settings.REDIS_URL.rsplit("/", 1)[0] + "/1",
        "DJANGO_SETTINGS_MODULE": "hotline.settings",
    }
    command = [sys.executable, "-m", "celery", "--app", "hotline"]
    with ExitStack() as running:
        log = running.enter_context((tmp_path / "celery.log").open("wb"))
        for arguments in (["worker", "--concurrency", "2"], ["beat", "--schedule", str(tmp_path / "beat")]):
            process = subprocess.Popen([*command, *arguments], cwd=TOP, env=environment, stdout=log, stderr=log)
            running.callback(process.wait, timeout=60)
            running.callback(process.terminate)
        yield


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.3)


@pytest.mark.usefixtures("celery")
def test_beat_and_worker_do_the_jobs_in_turn() -> None:
    began = timezone.now()
    eventually(lambda: Heartbeat.objects.filter(name__in=("job.outbox", "job.clocks", "worker")).count() == 3)
    eventually(lambda: probes.background().ok)
    first = Heartbeat.objects.get(name="job.clocks").beat_at
    eventually(lambda: Heartbeat.objects.get(name="job.clocks").beat_at > first > began)
    holders = set(Lease.objects.values_list("holder", flat=True))
    assert all(":" in holder for holder in holders)
