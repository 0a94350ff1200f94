"""A process that dies at any step of writing, rebuilding or swapping: the next one ends with a clean check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.models import Region
from ticketing.models import OutboxEntry, Ticket
from ticketing.search import engines, feed, sync
from ticketing.search.documents import Access, Query
from ticketing.search.embedded import EmbeddedEngine

from .city import City


class Killed(BaseException):
    """Nothing of ours catches it, as nothing catches SIGKILL."""


#: what is called when the process dies: before it, or (True) just after
STEPS = [
    ("ticketing.search.embedded.EmbeddedEngine.begin", True),
    ("ticketing.search.embedded.EmbeddedEngine.upsert", True),
    ("ticketing.search.embedded.EmbeddedEngine._finish", False),
    ("ticketing.search.embedded.EmbeddedEngine._finish", True),
    ("ticketing.search.sync.repair", False),
    ("ticketing.search.sync.repair", True),
    ("ticketing.search.embedded.EmbeddedEngine.swap", False),
    ("ticketing.search.generations.os.replace", False),
    ("ticketing.search.generations.os.replace", True),
    ("ticketing.search.generations.shutil.rmtree", False),
    ("ticketing.search.embedded.EmbeddedEngine.swap", True),
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "index"
    engines.use()


def _dies(monkeypatch: pytest.MonkeyPatch, step: str, after: bool) -> None:
    import importlib

    module, *names = _split(step)
    target = importlib.import_module(module)
    for name in names[:-1]:
        target = getattr(target, name)
    original = getattr(target, names[-1])

    def cut(*given: object, **named: object) -> None:
        if after:
            original(*given, **named)
        raise Killed

    monkeypatch.setattr(target, names[-1], cut)


def _split(step: str) -> list[str]:
    parts = step.split(".")
    return [".".join(parts[:3]), *parts[3:]]


def _found(engine: EmbeddedEngine) -> int:
    return engine.search(Query(text="路灯"), access=Access(frozenset({"r:*"}))).total


@pytest.mark.parametrize(("step", "after"), STEPS, ids=[f"{step.rsplit('.', 1)[-1]}-{after}" for step, after in STEPS])
def test_a_rebuild_that_dies_leaves_a_full_index_and_the_next_one_ends_clean(
    city: City, folder: Path, step: str, after: bool
) -> None:
    for _ in range(3):
        city.ticket("路灯")
    sync.rebuild(EmbeddedEngine(folder), feed.TICKETS)
    Ticket.objects.filter(title="路灯").update(version=2)
    with pytest.MonkeyPatch.context() as patched:
        _dies(patched, step, after)
        with pytest.raises(Killed):
            sync.rebuild(EmbeddedEngine(folder), feed.TICKETS)
            sync.rebuild(EmbeddedEngine(folder), feed.TICKETS)  # what is older is removed by the second
    assert _found(EmbeddedEngine(folder)) == 3  # never a moment of emptiness
    city.ticket("路灯")
    sync.repair(EmbeddedEngine(folder), feed.TICKETS)
    assert sync.check(EmbeddedEngine(folder), feed.TICKETS).clean
    for _ in range(2):  # the second removes what the dead one left, which the first might have taken for one at work
        sync.rebuild(EmbeddedEngine(folder), feed.TICKETS)
        assert sync.check(EmbeddedEngine(folder), feed.TICKETS).clean
    assert _found(EmbeddedEngine(folder)) == 4
    assert len(list(folder.glob("g*"))) == 2  # the one in use and the one before


@pytest.mark.parametrize("after", [False, True])
def test_a_listener_that_dies_around_its_commit_is_repeated_without_harm(city: City, folder: Path, after: bool) -> None:
    assert Region.objects.exists()
    first = city.ticket("路灯")
    sync.rebuild(EmbeddedEngine(folder), feed.TICKETS)
    later = city.ticket("路灯")
    entries = [OutboxEntry(topic="ticket", ticket_id=ticket.pk) for ticket in (first, later)]
    with pytest.MonkeyPatch.context() as patched:
        _dies(patched, "ticketing.search.embedded.EmbeddedEngine._finish", after)
        engines.use(tickets=EmbeddedEngine(folder))
        with pytest.raises(Killed):
            feed.hear(entries)
    again = EmbeddedEngine(folder)
    engines.use(tickets=again)
    for _ in range(2):  # the cursor of the outbox had not moved
        feed.hear(entries)
    assert sync.check(again, feed.TICKETS).clean
    assert _found(again) == 2
