"""Plans and conditions as Elasticsearch queries, and the index's settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from .alike import SOUGHT
from .documents import FIELDS, LAYOUT, Access, Likeness, Query
from .plan import AllOf, AnyOf, Fuzzy, Node, Phrase, Ranked, Word

Body = dict[str, Any]


def settings(shards: int, replicas: int) -> Body:
    return {
        "number_of_shards": shards,
        "number_of_replicas": replicas,
        "refresh_interval": "1s",
        "max_result_window": 10_000,
    }


def month_of(created: int) -> str:
    """The month of a document, 202605 (UTC), by which its index is named."""
    return f"{datetime.fromtimestamp(created, UTC):%Y%m}"


def lifecycle(policy: str, month: str) -> Body:
    """The lifecycle of a month's index: its age counts from the end of the month, not from when it was made."""
    if not policy:
        return {}
    year, number = int(month[:4]), int(month[4:])
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return {"lifecycle": {"name": policy, "origination_date": int(end.timestamp()) * 1000}}


def mappings(*, months: bool = False) -> Body:
    """Of every generation. Words come segmented, so the analyzer only splits at spaces; unknown fields are refused."""
    text = {"type": "text", "analyzer": "whitespace"}
    exact = (*FIELDS, "ids", "suggest", "access", "phone", "print", "estate")
    codes: Body = {name: {"type": "keyword"} for name in exact}
    numbers: Body = {name: {"type": "long"} for name in ("id", "version", "newest", "soonest", "created", "due")}
    # kept to be shown, never searched: highlighting is done where the words were made
    shown: Body = {name: {"type": "keyword", "index": False, "doc_values": False} for name in _SHOWN}
    properties: Body = {
        **codes,
        **numbers,
        **shown,
        "live": {"type": "boolean"},
        "words": {**text, "index_options": "positions"},
        "any": {**text, "index_options": "freqs"},
        "sound": {**text, "index_options": "docs"},
        "pinyin": {**text, "index_options": "docs"},
    }
    made_by = {"layout": LAYOUT} | ({"months": True} if months else {})
    return {"dynamic": "strict", "_meta": made_by, "properties": properties}


_SHOWN = ("number", "external_id", "shown_title", "shown_body", "kept")


def translate(node: Node) -> Body:
    if isinstance(node, Word):
        return {"term": {node.field: {"value": node.text, "boost": node.boost}}}
    if isinstance(node, Fuzzy):
        fuzzy = {"value": node.text, "fuzziness": 1, "rewrite": "constant_score", "boost": node.boost}
        return {"fuzzy": {node.field: fuzzy}}
    if isinstance(node, Phrase):
        return {"match_phrase": {node.field: {"query": " ".join(node.words)}}}
    if isinstance(node, AnyOf):
        return {"bool": {"should": [translate(child) for child in node.children], "minimum_should_match": node.least}}
    if isinstance(node, Ranked):
        return {"bool": {**_found_by(node.node), "should": [translate(child) for child in node.by]}}
    return {
        "bool": {
            "must": [translate(child) for child in node.children],
            "must_not": [translate(child) for child in node.without],
        }
    }


def _found_by(node: Node) -> Body:
    """What must be there: single words score, the rest only filters."""
    children = node.children if isinstance(node, AllOf) else (node,)
    return {
        "must": [translate(child) for child in children if isinstance(child, Word)],
        "filter": [translate(child) for child in children if not isinstance(child, Word)],
        "must_not": [translate(child) for child in node.without] if isinstance(node, AllOf) else [],
    }


def visible(access: Access) -> Body:
    """What the reader may see at all."""
    return {"terms": {"access": sorted(access.tokens)}}


def conditions(query: Query, access: Access) -> list[Body]:
    """The reader's access and the question's filters, none of which count for the score."""
    found = [visible(access)]
    found += [{"terms": {name: list(values)}} for name, values in query.filters.items() if values]
    if query.phone_hash:
        found.append({"term": {"phone": query.phone_hash}})
    for name, low, high in (
        ("created", query.created_from, query.created_to),
        ("due", query.due_from, query.due_to),
    ):
        bounds = {key: value for key, value in (("gte", low), ("lt", high)) if value is not None}
        if bounds:
            found.append({"range": {name: bounds}})
    return found


def alike(likeness: Likeness, access: Access, most: Sequence[int]) -> list[tuple[Body, int, list[Any]]]:
    """Queries, limits and orders by which duplicates are looked for; what is not given is not asked for."""
    bounds = [visible(access), {"range": {"created": {"gte": likeness.since}}}]
    if likeness.region:
        bounds.append({"term": {"region": likeness.region}})
    words = [{"term": {"print": word}} for word in likeness.words[:SOUGHT]]
    found: list[tuple[Body, int, list[Any]]] = []
    if words:
        asked = {"should": words, "minimum_should_match": 1, "filter": bounds}
        found.append(({"bool": asked}, most[0], ["_score"]))
    for field, value, limit in (("estate", likeness.estate, most[1]), ("phone", likeness.phone_hash, most[2])):
        if value:
            newest: list[Any] = [{"newest": "desc"}]
            found.append(({"bool": {"filter": [*bounds, {"term": {field: value}}]}}, limit, newest))
    return found
