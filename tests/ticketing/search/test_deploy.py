"""The shipped index template says what the product sends; an index of another layout is told apart."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
import tantivy

from ticketing.search.documents import IndexOutdated
from ticketing.search.elastic import ElasticEngine
from ticketing.search.elastic_client import connect
from ticketing.search.elastic_query import mappings
from ticketing.search.embedded import EmbeddedEngine

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "elasticsearch"


def test_the_template_has_the_products_mappings() -> None:
    template = json.loads((FOLDER / "index-template.json").read_text(encoding="utf-8"))
    assert template["template"]["mappings"] == mappings()


def test_the_snapshot_policy_covers_every_index_of_the_template() -> None:
    template = json.loads((FOLDER / "index-template.json").read_text(encoding="utf-8"))
    policy = json.loads((FOLDER / "snapshot-policy.json").read_text(encoding="utf-8"))
    assert policy["config"]["indices"] == template["index_patterns"]


def test_an_embedded_index_with_other_fields_is_outdated_until_it_is_rebuilt(tmp_path: Path) -> None:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("other", stored=True)
    folder = tmp_path / "g0"
    folder.mkdir(parents=True)
    (tmp_path / "CURRENT").write_text("g0", encoding="utf-8")
    tantivy.Index(builder.build(), path=str(folder))
    engine = EmbeddedEngine(tmp_path)
    with pytest.raises(IndexOutdated):
        engine.count()
    engine.swap(engine.begin())
    assert engine.count() == 0


@pytest.mark.elasticsearch
def test_an_elasticsearch_index_of_another_layout_is_outdated_until_it_is_rebuilt(elasticsearch_url: str) -> None:
    client = connect(elasticsearch_url, timeout=30)
    alias = f"test-{uuid.uuid4().hex[:12]}"
    client.indices.create(index=f"{alias}-1", aliases={alias: {"is_write_index": True}})
    engine = ElasticEngine(client, alias)
    with pytest.raises(IndexOutdated):
        engine.count()
    engine.swap(engine.begin())
    assert engine.count() == 0
    for name in client.indices.get(index=f"{alias}*"):
        client.indices.delete(index=name)
    client.close()
