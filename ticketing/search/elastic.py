"""The Elasticsearch engine: same segmentation as the embedded one.

Here is how it is read; `elastic_store` keeps the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import cursor as cursors
from .documents import Access, Count, Hit, Kept, Likeness, Query, Results, SearchUnavailable, Sort
from .elastic_client import translated
from .elastic_query import alike, conditions, translate, visible
from .elastic_store import ElasticStore
from .plan import STAGES, Plan, Stage, plan
from .text import highlight, typed_so_far

_SHOWN = {"includes": ["number", "external_id", "shown_title", "shown_body"]}
_ORDER: dict[Sort, dict[str, str]] = {
    Sort.NEWEST: {"newest": "desc"},
    Sort.OLDEST: {"newest": "asc"},
    Sort.DUE: {"soonest": "asc"},
}


class ElasticEngine(ElasticStore):
    """See `SearchEngine`."""

    name = "elasticsearch"

    def search(self, query: Query, *, access: Access) -> Results:
        query.check(access)
        if not access.tokens:
            return Results()
        cursor = cursors.read(query)
        stages = (cursor.stage,) if cursor else (STAGES if query.text.strip() else STAGES[:1])
        for stage in stages:
            found = plan(query.text, stage, self._synonyms, loose=query.loose, least=query.least)
            results = self._page(query, access, found, stage, cursor)
            if results.total or stage is stages[-1]:
                return results
        raise AssertionError("there is always a last stage")

    def _page(self, query: Query, access: Access, found: Plan, stage: Stage, cursor: cursors.Cursor | None) -> Results:
        by_score = query.sort is Sort.RELEVANCE and found.ranked
        timely = _ORDER.get(query.sort, _ORDER[Sort.NEWEST])
        sort: list[dict[str, str]] = [{"_score": "desc"}, {"newest": "desc"}] if by_score else [timely]
        asked: dict[str, Any] = {"filter": conditions(query, access)}
        if found.node is not None:
            asked["must"] = [translate(found.node)]
        with translated():
            told = self._client.search(
                index=self._target(),
                query={"bool": asked},
                sort=sort,
                size=query.limit + 1,
                search_after=list(cursor.after) if cursor else None,
                track_total_hits=True,
                source=_SHOWN,
                aggs={name: {"terms": {"field": name, "size": 1000}} for name in query.facets} or None,
                search_type="dfs_query_then_fetch" if self._shards > 1 or self._months else None,
                track_scores=by_score,
            )
        rows = told["hits"]["hits"]
        page, total = rows[: query.limit], int(told["hits"]["total"]["value"])
        more = len(rows) > query.limit
        return Results(
            hits=tuple(_hit(row, found.sought) for row in page),
            total=total,
            facets=_counts(told, query.facets) if total else {},
            cursor=cursors.write(query, cursors.Cursor(stage, tuple(page[-1]["sort"]))) if more else "",
            relaxed=stage.value if total else "",
        )

    def suggest(self, text: str, *, access: Access, limit: int = 8) -> tuple[str, ...]:
        typed = typed_so_far(text)
        if not typed or not access.tokens:
            return ()
        include = _literal(typed) + ".*"
        ordered = {"_key": "asc"}
        wanted: dict[str, Any] = {
            "suggest": {"terms": {"field": "suggest", "include": include, "size": limit * 3, "order": ordered}}
        }
        if typed[0].isdigit():
            wanted["ids"] = {"terms": {"field": "ids", "include": include, "size": limit, "order": ordered}}
        with translated():
            told = self._client.search(
                index=self._target(), query={"bool": {"filter": [visible(access)]}}, size=0, aggs=wanted
            )
        buckets = [
            *told["aggregations"]["suggest"]["buckets"],
            *told["aggregations"].get("ids", {"buckets": []})["buckets"],
        ]
        return tuple(dict.fromkeys(str(bucket["key"]).split("|", 1)[-1] for bucket in buckets))[:limit]

    def more_like_this(self, document_id: int, *, access: Access, limit: int = 8) -> tuple[Hit, ...]:
        if not access.tokens:
            return ()
        target = self._target()
        itself = {"term": {"id": document_id}}
        with translated():
            own = self._client.search(
                index=target, query={"bool": {"filter": [itself, visible(access)]}}, size=1, source=False
            )
            if not own["hits"]["hits"]:
                return ()
            # frequencies are those of one index: in a month a word of two documents may stand once
            alike = _resembling(own["hits"]["hits"][0], least=1 if self._months else 2)
            told = self._client.search(
                index=target,
                query={"bool": {"must": [alike], "filter": [visible(access)], "must_not": [itself]}},
                size=limit,
                source=_SHOWN,
            )
        return tuple(_hit(row, ()) for row in told["hits"]["hits"])

    def alike(self, likeness: Likeness, *, access: Access, most: Sequence[int] = (100, 60, 40)) -> tuple[Kept, ...]:
        if not access.tokens:
            return ()
        searches: list[dict[str, Any]] = []
        for query, limit, order in alike(likeness, access, most):
            searches.append({"index": self._target()})
            searches.append(
                {"query": query, "size": limit, "sort": order, "_source": ["kept"], "track_total_hits": False}
            )
        if not searches:
            return ()
        with translated():
            answers = self._client.msearch(searches=searches)["responses"]
        refused = [answer["error"] for answer in answers if "error" in answer]
        if refused:
            raise SearchUnavailable(f"Elasticsearch refused the request: {refused[0].get('type')}")
        rows = [row for answer in answers for row in answer["hits"]["hits"]]
        return tuple({int(row["_id"]): Kept.unpack(int(row["_id"]), row["_source"]["kept"]) for row in rows}.values())


def _resembling(row: dict[str, Any], *, least: int) -> dict[str, Any]:
    """Documents that share the most telling words, each in at least `least` documents, with the one found."""
    return {
        "more_like_this": {
            "fields": ["words"],
            "like": [{"_index": row["_index"], "_id": row["_id"]}],
            "min_term_freq": 1,
            "min_doc_freq": least,
            "max_query_terms": 12,
            "min_word_length": 2,
            "minimum_should_match": "30%",
        }
    }


def _hit(row: dict[str, Any], sought: tuple[str, ...]) -> Hit:
    stored = row["_source"]
    return Hit(
        id=int(row["_id"]),
        number=stored["number"],
        external_id=stored["external_id"],
        score=float(row["_score"] or 0.0),
        title=highlight(stored["shown_title"], sought, width=120),
        passage=highlight(stored["shown_body"], sought),
    )


def _counts(told: Any, names: tuple[str, ...]) -> dict[str, tuple[Count, ...]]:
    return {
        name: tuple(Count(bucket["key"], bucket["doc_count"]) for bucket in told["aggregations"][name]["buckets"])
        for name in names
    }


def _literal(text: str) -> str:
    """`text` as a Lucene regular expression that matches only itself."""
    return "".join("\\" + letter if letter in '.?+*|{}[]()"\\#@&<>~^$-' else letter for letter in text)
