"""The demo city's complaints, knowledge, guides and policies are whole, and name only what the directory knows."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT / "ticketing" / "data"
KINDS = {"consult", "help", "complaint", "report", "opinion", "suggestion", "praise", "other"}
MATERIALS = {"办事指南", "法律法规", "热点问答", "日常咨询", "通知公告", "业务指引"}
POLICY_FIELDS = {
    "industry": str,
    "size": str,
    "employees": int,
    "revenue_wan": int,
    "founded_years": int,
    "high_tech": bool,
    "region": str,
    "tax_rating": str,
}


def table(folder: str, name: str) -> list[dict[str, str]]:
    with (ROOT / folder / "data" / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def texts(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TEXTS / name).read_text(encoding="utf-8").splitlines()]


REGIONS = {row["code"] for row in table("directory", "regions.csv")}
DEPARTMENTS = {row["code"] for row in table("directory", "departments.csv")}
LEAVES = {row["code"]: row for row in table("directory", "categories.csv") if row["level3"]}
PATHS = {"/".join((row["level1"], row["level2"], row["level3"])) for row in LEAVES.values()}
COMPLAINTS = texts("complaints.jsonl")
KNOWLEDGE = texts("knowledge.jsonl")


def test_complaints_carry_all_fields_and_known_codes() -> None:
    assert len(COMPLAINTS) >= 400
    for row in COMPLAINTS:
        assert {"title", "body", "kind", "category", "region", "place", "urgent", "reply"} <= set(row)
        assert row["kind"] in KINDS
        assert row["category"] in LEAVES
        assert row["region"] in REGIONS
        assert isinstance(row["urgent"], bool)
        assert row["title"].strip() and row["body"].strip() and len(row["reply"]) >= 30


def test_complaints_are_not_one_text_many_times() -> None:
    assert max(Counter(row["title"] for row in COMPLAINTS).values()) == 1
    assert max(Counter(row["body"] for row in COMPLAINTS).values()) == 1
    openings = Counter(row["reply"].removeprefix("您好，")[:12] for row in COMPLAINTS)
    assert openings.most_common(1)[0][1] <= 6


def test_every_leaf_and_every_kind_has_an_example() -> None:
    assert {row["category"] for row in COMPLAINTS} == set(LEAVES)
    assert {row["kind"] for row in COMPLAINTS} == KINDS


@pytest.mark.parametrize("name", sorted(path.name for path in TEXTS.glob("*.*")))
def test_no_real_phone_or_identity_number_stands_in_a_text(name: str) -> None:
    content = (TEXTS / name).read_text(encoding="utf-8")
    assert re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx]", content) == []


def test_knowledge_obeys_the_import_rules() -> None:
    assert len(KNOWLEDGE) >= 210
    assert max(Counter(row["title"] for row in KNOWLEDGE).values()) == 1
    for row in KNOWLEDGE:
        assert len(row["title"]) <= 128
        assert row["category"] in PATHS, row["title"]
        assert 80 <= len(row["content"]) <= 400, row["title"]
        assert row["unit"] in DEPARTMENTS
        assert row["material"] in MATERIALS
        assert row["keywords"] and all(0 < len(word) <= 20 and word != row["title"] for word in row["keywords"])


def test_guidance_for_staff_is_not_public() -> None:
    inner = [row for row in KNOWLEDGE if row["material"] == "业务指引"]
    assert inner and not any(row["public"] for row in inner)
    assert {row["material"] for row in KNOWLEDGE if row["public"]} == MATERIALS - {"业务指引"}


def test_guides_are_complete() -> None:
    guides = texts("guides.jsonl")
    assert len(guides) >= 25
    assert max(Counter(row["item"] for row in guides).values()) == 1
    for row in guides:
        assert row["category"] in PATHS and row["unit"] in DEPARTMENTS
        assert len(row["steps"]) >= 3 and row["materials"]
        assert all(row[key] for key in ("who", "conditions", "limit", "fee", "window", "online", "legal_basis"))


def test_policies_have_conditions_that_can_be_computed() -> None:
    policies = texts("policies.jsonl")
    assert len(policies) >= 15
    for row in policies:
        assert row["unit"] in DEPARTMENTS and row["summary"] and row["benefit"] and row["basis"]
        assert row["valid_to"] is None or date.fromisoformat(row["valid_from"]) < date.fromisoformat(row["valid_to"])
        for condition in row["conditions"]:
            values = condition["value"] if condition["op"] == "in" else [condition["value"]]
            assert condition["op"] in {"in", ">=", "<=", "=="}
            assert all(type(value) is POLICY_FIELDS[condition["field"]] for value in values)
            if condition["field"] == "region":
                assert set(values) <= REGIONS


def test_refusals_cover_the_nine_codes_and_returns_say_what_they_need() -> None:
    assert [row["code"] for row in table("ticketing", "refusals.csv")] == [str(number) for number in range(1, 10)]
    assert all(len(row["script"]) >= 40 for row in table("ticketing", "refusals.csv"))
    grounds = table("ticketing", "return_grounds.csv")
    assert len({row["code"] for row in grounds}) == len(grounds) and all(row["needs"] for row in grounds)
