"""Both engines, freshly made, for tests."""

from __future__ import annotations

import os
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

from ticketing.search.documents import Access, Document, Likeness, Query
from ticketing.search.elastic import ElasticEngine
from ticketing.search.elastic_client import connect
from ticketing.search.embedded import EmbeddedEngine
from ticketing.search.engine import SearchEngine

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "elasticsearch"
# words of a ticket with their weights
LAMP, PIPE = "路灯:0.800 花园路:0.600", "水管:0.900 花园路:0.300"
EVERYONE = Access(frozenset({"r:*"}), phone=True)


def node(data: Path) -> Iterator[str]:
    """The URL of an Elasticsearch: one that is named, the node that runs already, or one started for the tests."""
    if given := os.environ.get("HOTLINE_TEST_ELASTICSEARCH_URL") or os.environ.get("ELASTICSEARCH_URL"):
        yield given
        return
    status = subprocess.run([SCRIPT, "status", "--data", data], capture_output=True, text=True, check=False)
    if status.returncode == 0:
        yield status.stdout.strip()
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = subprocess.run(
        [SCRIPT, "start", "--data", data, "--port", str(min(port, 65000)), "--quick"],
        capture_output=True,
        text=True,
        check=False,
    )
    if started.returncode:
        raise RuntimeError(started.stderr)
    yield started.stdout.strip()
    subprocess.run([SCRIPT, "stop", "--data", data], check=True)


def embedded(folder: Path) -> Iterator[SearchEngine]:
    engine = EmbeddedEngine(folder / "index")
    yield engine
    engine.close()


def elastic(url: str) -> Iterator[SearchEngine]:
    client = connect(url, timeout=30)
    alias = f"test-{uuid.uuid4().hex[:12]}"
    yield ElasticEngine(client, alias)
    for name in client.indices.get(index=f"{alias}*"):
        client.indices.delete(index=name)
    client.close()


def document(number: int, title: str = "", body: str = "", **more: object) -> Document:
    """A document everyone may see, unless `access` says otherwise."""
    given: dict[str, object] = {
        "id": number,
        "version": 1,
        "number": f"26010112000000{number:04d}",
        "title": title,
        "body": body,
        "created": 1_760_000_000 + number,
        "access": frozenset({"r:*", "r:4101"}),
        **more,
    }
    return Document(**given)  # type: ignore[arg-type]


def found(engine: SearchEngine, text: str, access: Access = EVERYONE, **more: object) -> list[int]:
    """The ids found, in their order."""
    return [hit.id for hit in engine.search(Query(text=text, **more), access=access).hits]  # type: ignore[arg-type]


def fill(engine: SearchEngine, *documents: object) -> None:
    """Writes documents, visible at once."""
    engine.upsert(documents)  # type: ignore[arg-type]
    engine.refresh()


def alike(engine: SearchEngine, access: Access = EVERYONE, **sought: object) -> set[int]:
    likeness = Likeness(**({"words": (), "since": 0} | sought))  # type: ignore[arg-type]
    return {kept.id for kept in engine.alike(likeness, access=access)}
