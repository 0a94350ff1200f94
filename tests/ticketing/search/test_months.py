"""Monthly archives on Elasticsearch: an index for each month, behind one alias; a document never moves."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from ticketing.search.documents import Document, IndexOutdated, Query
from ticketing.search.elastic import ElasticEngine
from ticketing.search.elastic_client import connect
from ticketing.search.elastic_query import lifecycle, month_of

from .engines import EVERYONE, document, fill, found

APRIL, MAY, JUNE = (int(datetime(2026, month, 3, tzinfo=UTC).timestamp()) for month in (4, 5, 6))


@pytest.fixture
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    made = connect(elasticsearch_url, timeout=30)
    yield made
    made.close()


@pytest.fixture
def engine(client: Elasticsearch) -> Iterator[ElasticEngine]:
    alias = f"test-{uuid.uuid4().hex[:12]}"
    yield ElasticEngine(client, alias, months=True)
    for name in client.indices.get(index=f"{alias}*"):
        client.indices.delete(index=name)


def three() -> list[Document]:
    return [document(at, "花园路路灯不亮", created=day) for at, day in enumerate((APRIL, MAY, JUNE), 1)]


def indexes(client: Elasticsearch, engine: ElasticEngine) -> set[str]:
    """The indexes behind the alias without the generation's name: "" and months."""
    base = engine.generation()
    return {name[len(base) :].strip("-") for name in client.indices.get_alias(name=engine._alias)}


@pytest.mark.elasticsearch
def test_months_have_an_index_each_and_are_found_together(client: Elasticsearch, engine: ElasticEngine) -> None:
    fill(engine, *three())
    assert indexes(client, engine) == {"", "202604", "202605", "202606"}
    assert found(engine, "路灯") == [3, 2, 1]
    assert engine.count() == 3
    assert [entry.id for entry in engine.entries(0)] == [1, 2, 3]
    assert client.count(index=f"{engine._alias}-202605")["count"] == 1
    assert {hit.id for hit in engine.more_like_this(1, access=EVERYONE)} == {2, 3}


@pytest.mark.elasticsearch
def test_other_indexes_of_the_cluster_are_not_read(client: Elasticsearch, engine: ElasticEngine) -> None:
    other = ElasticEngine(client, f"other-{engine._alias}")
    try:
        fill(other, document(17, "花园路路灯不亮"))
        fill(engine, *three())
        assert found(engine, "路灯") == [3, 2, 1]
        assert engine.count() == 3
        assert indexes(client, engine) == {"", "202604", "202605", "202606"}
    finally:
        for name in client.indices.get(index=f"other-{engine._alias}*"):
            client.indices.delete(index=name)


@pytest.mark.elasticsearch
def test_a_change_and_a_deletion_stay_in_the_month(client: Elasticsearch, engine: ElasticEngine) -> None:
    fill(engine, *three())
    fill(engine, document(2, "花园路水管漏水", created=MAY, version=5), document(3, "旧", created=JUNE, version=0))
    engine.delete([(1, 9), (77, 2)])  # the second was never there
    engine.refresh()
    assert found(engine, "漏水") == [2]
    assert [(entry.id, entry.version, entry.live) for entry in engine.entries(0)] == [
        (1, 9, False), (2, 5, True), (3, 1, True), (77, 2, False),
    ]  # fmt: skip
    fill(engine, document(1, "花园路路灯不亮", created=APRIL, version=3))
    assert found(engine, "路灯") == [3]
    assert indexes(client, engine) == {"", "202604", "202605", "202606"}


@pytest.mark.elasticsearch
def test_a_rebuild_swaps_all_months_at_once(client: Elasticsearch, engine: ElasticEngine) -> None:
    fill(engine, *three())
    before = set(client.indices.get_alias(name=engine._alias))
    fresh = engine.begin()
    fresh.upsert(three()[:2])
    assert fresh.count() == 0 or fresh.count() == 2
    assert engine.count() == 3
    engine.swap(fresh)
    assert set(client.indices.get(index=f"{engine._alias}*")).isdisjoint(before)
    assert found(engine, "路灯") == [2, 1]
    fill(engine, three()[2])  # a month that the new generation has not yet
    assert found(engine, "路灯") == [3, 2, 1]


@pytest.mark.elasticsearch
def test_an_index_without_months_is_outdated_until_it_is_rebuilt(client: Elasticsearch, engine: ElasticEngine) -> None:
    fill(ElasticEngine(client, engine._alias), *three())
    with pytest.raises(IndexOutdated):
        engine.search(Query(text="路灯"), access=EVERYONE)
    fresh = engine.begin()
    fresh.upsert(three())
    engine.swap(fresh)
    assert found(engine, "路灯") == [3, 2, 1]


def test_a_months_age_counts_from_its_end() -> None:
    assert month_of(MAY) == "202605"
    (end,) = {body["lifecycle"]["origination_date"] for body in (lifecycle("tickets", "202512"),)}
    assert datetime.fromtimestamp(end / 1000, UTC) == datetime(2026, 1, 1, tzinfo=UTC)
    assert lifecycle("", "202512") == {}


def test_the_shipped_lifecycle_never_closes_a_month_to_changes() -> None:
    shipped = Path(__file__).resolve().parents[3] / "deploy" / "elasticsearch" / "lifecycle-policy.json"
    phases = json.loads(shipped.read_text(encoding="utf-8"))["policy"]["phases"]
    assert set(phases) == {"hot", "warm"}
    assert not {"readonly", "delete", "shrink"} & {name for phase in phases.values() for name in phase["actions"]}
