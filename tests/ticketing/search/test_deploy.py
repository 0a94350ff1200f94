"""The shipped index template says what the product itself sends."""

from __future__ import annotations

import json
from pathlib import Path

from ticketing.search.elastic_query import mappings

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "elasticsearch"


def test_the_template_has_the_products_mappings() -> None:
    template = json.loads((FOLDER / "index-template.json").read_text(encoding="utf-8"))
    assert template["template"]["mappings"] == mappings()


def test_the_snapshot_policy_covers_every_index_of_the_template() -> None:
    template = json.loads((FOLDER / "index-template.json").read_text(encoding="utf-8"))
    policy = json.loads((FOLDER / "snapshot-policy.json").read_text(encoding="utf-8"))
    assert policy["config"]["indices"] == template["index_patterns"]
