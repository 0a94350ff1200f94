"""Killing the indexer or the engine at any moment of an import loses nothing: after a restart the check is clean."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from directory.models import Region
from ticketing.models import OutboxCursor, OutboxEntry, Ticket
from ticketing.outbox.publish import publish
from ticketing.search import feed, sync
from ticketing.search.elastic import ElasticEngine
from ticketing.search.elastic_client import connect
from ticketing.search.embedded import EmbeddedEngine
from ticketing.search.engine import SearchEngine

from .engines import SCRIPT

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.django_db(transaction=True)]
COUNT, BATCH = 10_000, 500
ROOT = SCRIPT.parent.parent


def database_url() -> str:
    """The test database's address for another process."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    owner = f"{quote(str(given['USER']))}:{quote(str(given['PASSWORD']))}"
    return f"postgresql://{owner}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


class Indexer:
    """The process, and its replacement each time it was killed."""

    def __init__(self, data: Path, **environment: str) -> None:
        self._stop = data / "stop"
        self._environment = {
            **os.environ,
            "HOTLINE_DATA": str(data),
            "HOTLINE_DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "hotline.settings",
            "PYTHONPATH": str(ROOT),
            **{f"HOTLINE_{name}": getattr(settings, name) for name in ("SECRET_KEY", "LOOKUP_KEY")},
            **environment,
        }
        self._log = (data / "indexer.log").open("ab")
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("indexer.py")), str(self._stop)],
            env=self._environment,
            cwd=ROOT,
            stdout=self._log,
            stderr=self._log,
        )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        # a killed holder's lease would run out by itself after half a minute
        OutboxCursor.objects.update(leased_by="", leased_until=None)
        self.start()

    def finish(self) -> None:
        self._stop.touch()
        assert self._process.wait(timeout=300) == 0, Path(self._log.name).read_text("utf-8")[-3000:]
        self._log.close()


def import_tickets(disturb: Callable[[int], None]) -> None:
    """10,000 tickets in batches, each batch with its outbox entries in one transaction; some change once more."""
    province = Region.objects.create(code="410000", name="河南省", level="province")
    Region.objects.create(code="410100", name="郑州市", level="city", parent=province)
    now = timezone.now()
    for start in range(0, COUNT, BATCH):
        made = Ticket.objects.bulk_create(
            Ticket(
                number=f"26020112{at:010d}",
                channel="web",
                city_id="410100",
                title=f"花园路第{at}盏路灯不亮",
                body="晚上看不清路，请维修。",
                created_at=now,
                version=1,
            )
            for at in range(start, start + BATCH)
        )
        tell(made)
        changed = made[::7]
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in changed]).update(version=2, status="to_sign")
        tell(changed)
        disturb(start // BATCH)


def tell(rows: list[Ticket]) -> None:
    now = timezone.now()
    with transaction.atomic():
        publish([OutboxEntry(topic="ticket", key=str(row.pk), ticket=row, created_at=now) for row in rows])


def test_killing_the_indexer_loses_nothing(tmp_path: Path) -> None:
    indexer = Indexer(tmp_path)
    chance = random.Random(4)

    def disturb(step: int) -> None:
        time.sleep(chance.random())
        if step % 3 == 0:
            indexer.kill()

    import_tickets(disturb)
    indexer.finish()
    (folder,) = (tmp_path / "search").glob("*/tickets")
    assert_clean(EmbeddedEngine(folder))


@pytest.fixture
def own_node(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """A node that may be killed; the artifacts are taken from the local Maven repository."""
    port = str(20_000 + os.getpid() % 20_000)

    def command(action: str) -> str:
        given = [str(SCRIPT), action, "--data", str(tmp_path), "--port", port, "--quick"]
        done = subprocess.run(given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    yield command
    command("stop")


@pytest.mark.elasticsearch
def test_killing_elasticsearch_loses_nothing(tmp_path: Path, own_node: Callable[[str], str]) -> None:
    url = own_node("start")
    indexer = Indexer(tmp_path, HOTLINE_SEARCH_ENGINE="elasticsearch", HOTLINE_ELASTICSEARCH_URL=url)

    def disturb(step: int) -> None:
        time.sleep(0.3)
        if step in (4, 12):
            own_node("kill")
        if step in (7, 15):
            own_node("start")

    import_tickets(disturb)
    indexer.finish()
    client = connect(url, timeout=60)
    (alias,) = {name for names in client.indices.get_alias(name="hotline-*").values() for name in names["aliases"]}
    assert_clean(ElasticEngine(client, alias))


def assert_clean(engine: SearchEngine) -> None:
    found = sync.check(engine, feed.TICKETS)
    assert found.clean, found
    assert found.compared == COUNT
    assert engine.count() == COUNT
    engine.close()
