"""Search on many documents: both engines beside SQLite FTS5 and PostgreSQL tsvector. JSON on standard output.

    python benchmarks/search.py DATA_FOLDER [--documents 100000] [--systems embedded,elasticsearch,fts5,postgresql]
                                [--users 8] [--queries 400] [--peer-queries 60] [--relevance] [--work /tmp/bench-search]

DATA_FOLDER holds `messages.csv` and `replied_complaints.csv` (columns title, body). Documents are made of sentences
resampled from them. Sentences are segmented once, so `documents_per_second` is indexing alone; what segmenting costs is
`prepare_ms`. `full` is two words, two filters, counts and highlighting; `bare` is the two words alone. Elasticsearch is
taken from ELASTICSEARCH_URL or the node of scripts/elasticsearch; without either it is left out and said so. `cpu_` is
the processor time of a question in this process, which depends less on what else the machine does.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ticketing.search.prepare as preparing  # noqa: E402
from benchmarks.search_peers import Fts5, Tsvector  # noqa: E402
from ticketing.search import text as texts  # noqa: E402
from ticketing.search.documents import Access, Document, Query  # noqa: E402
from ticketing.search.elastic import ElasticEngine  # noqa: E402
from ticketing.search.elastic_client import connect  # noqa: E402
from ticketing.search.embedded import EmbeddedEngine  # noqa: E402
from ticketing.search.engine import SearchEngine  # noqa: E402

KINDS = ("consult", "help", "complaint", "report", "opinion", "suggestion")
STATUSES = ("new", "to_sign", "handling", "to_call_back", "closed", "archived")
READER = Access(frozenset({"r:*"}))
BATCH = 5000
START = 1_700_000_000


class System(Protocol):
    name: str

    def add(self, documents: Sequence[Document]) -> None: ...
    def finish(self) -> None: ...
    def size(self) -> int: ...
    def bare(self, text: str) -> None: ...
    def full(self, text: str, kinds: tuple[str, ...], since: int) -> None: ...
    def close(self) -> None: ...


class Ours:
    """One of the product's engines under the benchmark's four verbs."""

    def __init__(self, engine: SearchEngine, size: Callable[[], int], documents: int) -> None:
        self.name = engine.name
        self._engine, self._size = engine, size
        self._fresh = engine.begin(documents)

    def add(self, documents: Sequence[Document]) -> None:
        self._fresh.upsert(documents)

    def finish(self) -> None:
        self._engine.swap(self._fresh)
        self._engine.refresh()

    def size(self) -> int:
        return self._size()

    def bare(self, text: str) -> None:
        self._engine.search(Query(text=text), access=READER)

    def full(self, text: str, kinds: tuple[str, ...], since: int) -> None:
        asked = Query(text=text, filters={"kind": kinds}, created_from=since, facets=("kind", "status", "category"))
        self._engine.search(asked, access=READER)

    def close(self) -> None:
        self._engine.close()


def embedded(work: Path, documents: int) -> Ours:
    folder = work / "embedded"
    shutil.rmtree(folder, ignore_errors=True)
    engine = EmbeddedEngine(folder, heap_mb=256)
    return Ours(engine, lambda: sum(part.stat().st_size for part in folder.rglob("*") if part.is_file()), documents)


def elasticsearch(_: Path, documents: int) -> Ours:
    url = os.environ.get("ELASTICSEARCH_URL", "")
    if not url:
        told = subprocess.run(
            [ROOT / "scripts" / "elasticsearch", "status"], capture_output=True, text=True, check=False
        )
        if told.returncode:
            raise RuntimeError("no Elasticsearch: set ELASTICSEARCH_URL or run scripts/elasticsearch start")
        url = told.stdout.strip()
    client = connect(url, timeout=120)
    for name in client.indices.get(index="bench-search*"):
        client.indices.delete(index=name)

    def size() -> int:
        return int(client.indices.stats(index="bench-search")["_all"]["primaries"]["store"]["size_in_bytes"])

    return Ours(ElasticEngine(client, "bench-search"), size, documents)


SYSTEMS: dict[str, Callable[[Path, int], System]] = {
    "embedded": embedded,
    "elasticsearch": elasticsearch,
    "fts5": lambda work, _: Fts5(work),
    "postgresql": lambda work, _: Tsvector(work),
}


def read_texts(folder: Path) -> list[tuple[str, str]]:
    found = []
    for name in ("replied_complaints.csv", "messages.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            found += [(row["title"], row["body"]) for row in csv.DictReader(file)]
    return found


def sentences(given: Sequence[tuple[str, str]]) -> list[str]:
    cut = (part.strip() for _, body in given for part in re.split(r"(?<=[。！？；\n])", body))
    return [part for part in cut if 8 <= len(part) <= 120]


def made(count: int, titles: list[str], pool: list[str], chance: random.Random) -> Iterator[Document]:
    """`count` documents of a title and three to six sentences, spread over two years."""
    for at in range(1, count + 1):
        top = chance.randrange(1, 16)
        yield Document(
            id=at,
            version=1,
            number=f"{24_000_000_000_000_000 + at}",
            title=chance.choice(titles),
            body="\n".join(chance.choices(pool, k=chance.randint(3, 6))),
            category=(f"{top:02}", f"{top:02}{chance.randrange(8):02}"),
            region=("4101", f"4101{chance.randrange(12):02}"),
            kind=chance.choices(KINDS, (47, 30, 5, 2, 8, 8))[0],
            status=chance.choices(STATUSES, (1, 2, 5, 2, 30, 60))[0],
            lead=str(chance.randrange(120)),
            created=START + chance.randrange(63_000_000),
            access=frozenset({"r:*", f"r:4101{chance.randrange(12):02}"}),
        )


def questions(pool: list[str], count: int, chance: random.Random) -> list[str]:
    """Two different content words of one sentence, so that they do occur together."""
    found: list[str] = []
    while len(found) < count:
        content = [word for word in dict.fromkeys(texts.words(chance.choice(pool))) if len(word) > 1]
        if len(content) >= 2:
            found.append(" ".join(chance.sample(content, 2)))
    return found


def percentiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 2),
    }


def timed(users: int, calls: Sequence[Callable[[], None]]) -> dict[str, float]:
    """All calls by `users` threads at once; a few go first unmeasured."""

    def one(call: Callable[[], None]) -> tuple[float, float]:
        start, worked = time.perf_counter(), time.thread_time()
        call()
        return time.perf_counter() - start, time.thread_time() - worked

    with ThreadPoolExecutor(users) as pool:
        list(pool.map(one, calls[: users * 4]))
        start = time.perf_counter()
        took = list(pool.map(one, calls))
        whole = time.perf_counter() - start
    told = {**percentiles([wall for wall, _ in took]), "per_second": round(len(calls) / whole, 1)}
    # what this process worked for a question: all of it for the embedded indexes, without the server for the others
    return told | {f"cpu_{name}": value for name, value in percentiles([worked for _, worked in took]).items()}


def measure(system: System, documents: Iterator[Document], asked: list[str], users: int) -> dict[str, Any]:
    batch: list[Document] = []
    spent, count = 0.0, 0
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            spent += _add(system, batch)
            count += len(batch)
            batch = []
    spent += _add(system, batch)
    count += len(batch)
    start = time.perf_counter()
    system.finish()
    spent += time.perf_counter() - start
    since = START + 20_000_000
    return {
        "documents_per_second": round(count / spent),
        "megabytes": round(system.size() / 1e6),
        "bare_alone": timed(1, [lambda text=text: system.bare(text) for text in asked]),  # type: ignore[misc]
        "bare": timed(users, [lambda text=text: system.bare(text) for text in asked]),  # type: ignore[misc]
        "full_alone": timed(1, [lambda text=text: system.full(text, KINDS[:3], since) for text in asked]),  # type: ignore[misc]
        "full": timed(users, [lambda text=text: system.full(text, KINDS[:3], since) for text in asked]),  # type: ignore[misc]
    }


def _add(system: System, batch: list[Document]) -> float:
    start = time.perf_counter()
    if batch:
        system.add(batch)
    return time.perf_counter() - start


def relevance(work: Path, given: list[tuple[str, str]], chance: random.Random, wanted: list[str]) -> dict[str, Any]:
    """300 of the real texts, each searched by three of its words: the mean reciprocal rank of the text itself."""
    documents = [
        Document(id=at, version=1, number=str(at), title=title, body=body, access=READER.tokens)
        for at, (title, body) in enumerate(given, 1)
    ]
    content = [list(dict.fromkeys(texts.words(f"{title} {body}"))) for title, body in given]
    spread = Counter(word for found in content for word in found)
    rare = [[word for word in found if len(word) > 1 and spread[word] <= len(given) * 0.02] for found in content]
    replied = [at for at in range(1684) if len(rare[at]) >= 3]
    asked = [(at + 1, " ".join(chance.sample(rare[at], 3))) for at in chance.sample(replied, 300)]
    firsts: dict[str, list[int]] = {}
    told: dict[str, Any] = {"documents": len(given), "questions": len(asked)}
    for name in wanted:
        engine = SYSTEMS[name](work, len(documents))
        engine.add(documents)
        engine.finish()
        ranks, firsts[name] = _ranks(engine._engine, asked)  # type: ignore[attr-defined]
        told[f"{name}_mrr"] = round(sum(1 / rank for rank in ranks if rank) / len(asked), 4)
        engine.close()
    if len(firsts) == 2:
        one, other = firsts.values()
        told["first_result_agrees"] = round(sum(a == b for a, b in zip(one, other, strict=True)) / len(asked), 4)
    return told


def _ranks(engine: SearchEngine, asked: list[tuple[int, str]]) -> tuple[list[int], list[int]]:
    ranks, firsts = [], []
    for itself, text in asked:
        found = [hit.id for hit in engine.search(Query(text=text, limit=50), access=READER).hits]
        ranks.append(found.index(itself) + 1 if itself in found else 0)
        firsts.append(found[0] if found else 0)
    return ranks, firsts


def prepare_cost(given: list[tuple[str, str]]) -> float:
    start = time.perf_counter()
    for at, (title, body) in enumerate(given[:1000]):
        preparing.prepare(Document(id=at, version=1, number=str(at), title=title, body=body))
    return round((time.perf_counter() - start), 3)


def segment_once() -> None:
    """Remembers the words and pairs of a sentence: resampled sentences come again and again."""

    def remembered(plain: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
        one = lru_cache(maxsize=None)(lambda sentence: tuple(plain(sentence)))
        return lambda text: [word for part in text.split("\n") for word in one(part)]

    preparing.words, preparing.pairs = remembered(texts.words), remembered(texts.pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--peer-queries", type=int, default=60, help="fewer: the peers take seconds for some")
    parser.add_argument("--relevance", action="store_true", help="measure relevance only")
    parser.add_argument("--work", type=Path, default=Path("/tmp/bench-search"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    given = read_texts(options.data)
    wanted = options.systems.split(",")
    if options.relevance:
        ours = [name for name in wanted if name in ("embedded", "elasticsearch")]
        print(json.dumps(relevance(options.work, given, random.Random(7), ours), indent=1))
        return 0
    report: dict[str, Any] = {"documents": options.documents, "users": options.users, "queries": options.queries}
    report["prepare_ms"] = prepare_cost(given)
    segment_once()
    pool, titles = sentences(given), [title for title, _ in given]
    asked = questions(pool, options.queries, random.Random(11))
    for name in wanted:
        put = asked[: options.peer_queries] if name in ("fts5", "postgresql") else asked
        try:
            system = SYSTEMS[name](options.work, options.documents)
        except RuntimeError as error:
            report[name] = {"left_out": str(error)}
            continue
        try:
            report[name] = measure(system, made(options.documents, titles, pool, random.Random(3)), put, options.users)
        finally:
            system.close()
        print(name, json.dumps(report[name]), file=sys.stderr, flush=True)
    print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
