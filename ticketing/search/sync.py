"""Keeping an index equal to the database: rebuilding it beside the old one, comparing, repairing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from .documents import Document, Entry
from .engine import SearchEngine

BATCH = 1000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Source:
    """Where an index's documents come from. `versions` yields (id, version) by id from after the given one."""

    name: str
    documents: Callable[[Collection[int]], list[Document]]
    versions: Callable[[int, int], list[tuple[int, int]]]
    count: Callable[[], int]


@dataclass
class Difference:
    """What is not as in the database. `ahead`: the index is newer (a restored backup), which only a rebuild mends."""

    compared: int = 0
    missing: int = 0
    behind: int = 0
    surplus: int = 0
    ahead: int = 0

    @property
    def clean(self) -> bool:
        return not (self.missing or self.behind or self.surplus or self.ahead)


def silent(done: int, total: int) -> None:
    """No progress is shown."""


def rebuild(engine: SearchEngine, source: Source, progress: Progress = silent) -> int:
    """Writes every document to a new generation, puts it in place, and then repairs what changed meanwhile.

    Readers see the old generation until the new one is complete. Returns how many documents were written.
    """
    total, done = source.count(), 0
    fresh = engine.begin(total)
    for ids in _portions(source):
        fresh.upsert(source.documents(ids))
        done += len(ids)
        progress(done, total)
    repair(fresh, source)
    engine.swap(fresh)
    repair(engine, source)
    return done


def _portions(source: Source) -> Iterator[list[int]]:
    after = 0
    while rows := source.versions(after, BATCH):
        yield [key for key, _ in rows]
        after = rows[-1][0]


def compare(
    engine: SearchEngine, source: Source
) -> tuple[Difference, Iterator[tuple[list[int], list[tuple[int, int]]]]]:
    """The difference, filled while the second value is read: portions of (ids to write, (id, version) to delete)."""
    told = Difference()
    return told, _differences(engine, source, told)


def _differences(
    engine: SearchEngine, source: Source, told: Difference
) -> Iterator[tuple[list[int], list[tuple[int, int]]]]:
    engine.refresh()
    after = 0
    while True:
        rows = source.versions(after, 10_000)
        held = engine.entries(after, 10_000)
        if not rows and not held:
            return
        # both lists are complete up to the smaller of the two last ids
        ends = [part[-1] for part in ([key for key, _ in rows], [entry.id for entry in held]) if len(part) == 10_000]
        last = min(ends, default=max([rows[-1][0]] * bool(rows) + [held[-1].id] * bool(held)))
        wanted = {key: version for key, version in rows if key <= last}
        there = {entry.id: entry for entry in held if entry.id <= last}
        write = [key for key, version in wanted.items() if key not in there or _old(there[key], version)]
        remove = [(entry.id, entry.version + 1) for key, entry in there.items() if entry.live and key not in wanted]
        told.compared += len(wanted)
        told.missing += sum(key not in there for key in write)
        told.behind += sum(key in there for key in write)
        told.surplus += len(remove)
        told.ahead += _ahead(source, {key: there[key].version for key in wanted if key in there}, wanted)
        yield write, remove
        after = last


def _old(entry: Entry, version: int) -> bool:
    return not entry.live or entry.version < version


def _ahead(source: Source, held: dict[int, int], wanted: dict[int, int]) -> int:
    """How many are newer in the index, not counting those that the database has changed since it was read."""
    newer = [key for key, version in held.items() if version > wanted[key]]
    now = {document.id: document.version for document in source.documents(newer)} if newer else {}
    return sum(held[key] > now.get(key, held[key]) for key in newer)


def check(engine: SearchEngine, source: Source) -> Difference:
    """Compares index and database without changing anything."""
    told, portions = compare(engine, source)
    for _ in portions:
        pass
    return told


def repair(engine: SearchEngine, source: Source) -> Difference:
    """Compares and writes what differs. Returns what was found."""
    told, portions = compare(engine, source)
    for write, remove in portions:
        for start in range(0, len(write), BATCH):
            engine.upsert(source.documents(write[start : start + BATCH]))
        engine.delete(remove)
    engine.refresh()
    return told
