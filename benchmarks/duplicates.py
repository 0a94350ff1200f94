"""How long it takes to look for duplicates among a million open and recent tickets: `duplicates.py DATA_FOLDER [N]`.

The fingerprints of the messages in DATA_FOLDER/messages.csv are multiplied: each copy loses some of its words and gets
words of another message, another caller, estate and time. An index of N (1,000,000) is made in a temporary folder; then
500 look-ups by the messages themselves are timed, each with ranking and the count of today's callers.
"""

from __future__ import annotations

import csv
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")
django.setup()

from nlp.duplicates import burst, fingerprint, rank  # noqa: E402
from nlp.extract.places import PlaceIndex, find_place  # noqa: E402
from ticketing.search.documents import Access, Document, Kept, Likeness  # noqa: E402
from ticketing.search.embedded import EmbeddedEngine  # noqa: E402
from ticketing.search.likeness import report  # noqa: E402

Told = tuple[tuple[tuple[str, float], ...], str]

EVERYONE = Access(frozenset({"r:*"}), phone=True)
DAY = 86_400
LOOKUPS, BATCH, CITIES = 500, 20_000, 20


def main(folder: str, number: int = 1_000_000) -> None:
    random.seed(12345)
    texts = read(Path(folder) / "messages.csv")
    with tempfile.TemporaryDirectory() as made:
        engine = EmbeddedEngine(Path(made), heap_mb=128)
        fresh = engine.begin()
        begun = time.process_time()
        for batch in batches(texts, number):
            fresh.upsert(batch)
        engine.swap(fresh)
        print(f"filled in {time.process_time() - begun:.0f} s of CPU", file=sys.stderr)
        wall, cpu, candidates = timed(engine, texts)
    print(
        json.dumps({"tickets": number, "candidates": round(candidates), "wall_ms": spread(wall), "cpu_ms": spread(cpu)})
    )


def read(path: Path) -> list[Told]:
    """Words and estate of every message."""
    nowhere = PlaceIndex(())
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = [f"{row['title']}\n{row['body']}"[:500] for row in csv.DictReader(file)]
    places = [find_place(text, nowhere) for text in texts]
    return [(fingerprint(text).terms, place.estate or place.street) for text, place in zip(texts, places, strict=True)]


def batches(texts: list[Told], number: int) -> Iterator[list[Document]]:
    for start in range(0, number, BATCH):
        yield [copy(key, texts) for key in range(start + 1, min(start + BATCH, number) + 1)]


def copy(key: int, texts: list[Told]) -> Document:
    terms, estate = texts[key % len(texts)]
    others, _ = random.choice(texts)
    kept = [term for term in terms if random.random() < 0.7] + random.sample(others, min(6, len(others)))
    ordered = sorted(dict(kept).items(), key=lambda pair: -pair[1])[:24]
    return Document(
        id=key,
        version=1,
        number=str(key),
        region=("410000", f"41{key % CITIES:02d}00"),
        phone_hash=f"{random.randrange(600_000):064x}",
        fingerprint=" ".join(f"{word}:{share:.3f}" for word, share in ordered),
        estate=estate if random.random() < 0.5 else f"{estate}{key % 50}" if estate else "",
        created=int(time.time()) - random.randrange(14 * DAY),
        access=frozenset({"r:*", f"c:41{key % CITIES:02d}00"}),
    )


def timed(engine: EmbeddedEngine, texts: list[Told]) -> tuple[list[float], list[float], float]:
    wall, cpu, found = [], [], 0
    for turn in range(LOOKUPS + 20):
        terms, estate = random.choice(texts)
        city = f"41{turn % CITIES:02d}00" if turn % 2 else ""
        begun = time.perf_counter(), time.process_time()
        likeness = Likeness(
            words=tuple(word for word, _ in terms),
            since=int(time.time()) - 14 * DAY,
            region=city,
            estate=estate,
            phone_hash=f"{random.randrange(600_000):064x}",
        )
        reports = [report(kept) for kept in engine.alike(likeness, access=EVERYONE)]
        packed = " ".join(f"{word}:{share:.3f}" for word, share in terms)
        query = report(
            Kept(id=0, fingerprint=packed, phone_hash="", region="", estate=estate, created=int(time.time()))
        )
        rank(query, reports)
        burst(query, reports)
        if turn >= 20:
            wall.append((time.perf_counter() - begun[0]) * 1000)
            cpu.append((time.process_time() - begun[1]) * 1000)
            found += len(reports)
    return wall, cpu, found / LOOKUPS


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        name: round(ordered[int(len(ordered) * part)], 1) for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:]))
