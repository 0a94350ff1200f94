"""The Elasticsearch engine: official client, same segmentation, one alias per index.

Readers and writers use the alias; a rebuild writes a new index beside it and moves the alias in one request. Writes
carry the document's version (`external_gte`), so the server itself refuses what is older.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.helpers import streaming_bulk

from . import cursor as cursors
from .alike import printed
from .documents import (
    FIELDS,
    LAYOUT,
    Access,
    Count,
    Document,
    Entry,
    Hit,
    IndexOutdated,
    Kept,
    Likeness,
    Query,
    Results,
    SearchUnavailable,
    Sort,
)
from .elastic_query import alike, conditions, mappings, settings, translate, visible
from .plan import STAGES, Plan, Stage, plan
from .prepare import prepare
from .synonyms import Synonyms
from .text import highlight, normalise

_SHOWN = {"includes": ["number", "external_id", "shown_title", "shown_body"]}
_ORDER: dict[Sort, dict[str, str]] = {
    Sort.NEWEST: {"newest": "desc"},
    Sort.OLDEST: {"newest": "asc"},
    Sort.DUE: {"soonest": "asc"},
}


class ElasticEngine:
    """See `SearchEngine`. `alias` is the index's name for everybody; `index` fixes one generation (a rebuild's)."""

    name = "elasticsearch"

    def __init__(
        self,
        client: Elasticsearch,
        alias: str,
        *,
        synonyms: Synonyms | None = None,
        index: str = "",
        shards: int = 1,
        replicas: int = 0,
    ) -> None:
        self._client = client
        self._alias = alias
        self._synonyms = synonyms or Synonyms()
        self._fixed = index
        self._shards, self._replicas = shards, replicas
        self._ready = bool(index)

    # --- generations -------------------------------------------------------------------------------------------------

    def _target(self) -> str:
        """The index or alias to use; the first generation is made on first use. Raises `IndexOutdated`."""
        if not self._ready:
            self._ensure()
            with _translated():
                held = self._client.indices.get_mapping(index=self._alias)
            layouts = {index["mappings"].get("_meta", {}).get("layout") for index in held.values()}
            if layouts != {LAYOUT}:
                raise IndexOutdated("the search index was made by another version; run rebuild_search")
            self._ready = True
        return self._fixed or self._alias

    def _ensure(self) -> None:
        """There is an alias with an index behind it, whatever its layout."""
        with _translated():
            if not self._fixed and not self._client.indices.exists_alias(name=self._alias):
                self._create(f"{self._alias}-000001", alias=True)

    def _create(self, index: str, *, alias: bool) -> None:
        aliases = {self._alias: {"is_write_index": True}} if alias else None
        try:
            self._client.indices.create(
                index=index, settings=settings(self._shards, self._replicas), mappings=mappings(), aliases=aliases
            )
        except ApiError as error:
            if error.error != "resource_already_exists_exception":
                raise

    def generation(self) -> str:
        """The index behind the alias now."""
        with _translated():
            self._target()
            return self._fixed or ",".join(sorted(self._client.indices.get_alias(name=self._alias)))

    def begin(self) -> ElasticEngine:
        index = f"{self._alias}-{time.time_ns()}"
        with _translated():
            self._create(index, alias=False)
        return ElasticEngine(
            self._client,
            self._alias,
            synonyms=self._synonyms,
            index=index,
            shards=self._shards,
            replicas=self._replicas,
        )

    def swap(self, fresh: ElasticEngine) -> None:
        self._ensure()
        with _translated():
            fresh.refresh()
            old = sorted(self._client.indices.get_alias(name=self._alias))
            moves: list[dict[str, Any]] = [{"remove": {"index": name, "alias": self._alias}} for name in old]
            added = {"index": fresh._fixed, "alias": self._alias, "is_write_index": True}
            self._client.indices.update_aliases(actions=[*moves, {"add": added}])
            for name in old:
                self._client.indices.delete(index=name, ignore_unavailable=True)
        self._ready = bool(self._fixed)

    # --- writing -----------------------------------------------------------------------------------------------------

    def upsert(self, documents: Sequence[Document]) -> None:
        self._bulk([(found.id, found.version, _source(found)) for found in documents])

    def delete(self, removed: Sequence[tuple[int, int]]) -> None:
        self._bulk([(key, version, {"id": key, "version": version, "live": False}) for key, version in removed])

    def _bulk(self, rows: Sequence[tuple[int, int, dict[str, Any]]]) -> None:
        if not rows:
            return
        while True:
            before = self.generation()
            self._send(rows)
            # a rebuild may have moved the alias meanwhile: then write there too
            if self.generation() == before:
                return

    def _send(self, rows: Sequence[tuple[int, int, dict[str, Any]]]) -> None:
        target = self._target()
        actions = (
            {
                "_op_type": "index",
                "_index": target,
                "_id": str(key),
                "version": version,
                "version_type": "external_gte",
                "_source": source,
            }
            for key, version, source in rows
        )
        with _translated():
            for done, told in streaming_bulk(
                self._client,
                actions,
                chunk_size=1000,
                raise_on_error=False,
                max_retries=3,
                max_chunk_bytes=20_000_000,
                require_alias=not self._fixed,
            ):
                answer = told["index"]
                if not done and answer["status"] != 409:  # 409: a newer version is there already
                    self._ready = bool(self._fixed)  # a lost index is made again by the next call
                    raise SearchUnavailable(f"Elasticsearch refused document {answer['_id']}: {answer.get('error')}")

    def refresh(self) -> None:
        with _translated():
            self._client.indices.refresh(index=self._target())

    def close(self) -> None:
        """The client belongs to whoever made it."""

    # --- reading -----------------------------------------------------------------------------------------------------

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        if not words:
            return {}
        # numbered, because a word may hold signs that name other things in an answer
        each = {str(at): {"term": {"any": word}} for at, word in enumerate(words)}
        with _translated():
            told = self._client.search(
                index=self._target(), size=0, track_total_hits=False, aggs={"each": {"filters": {"filters": each}}}
            )
        buckets = told["aggregations"]["each"]["buckets"]
        return {word: int(buckets[str(at)]["doc_count"]) for at, word in enumerate(words)}

    def count(self) -> int:
        with _translated():
            return int(self._client.count(index=self._target(), query={"term": {"live": True}})["count"])

    def entries(self, after: int, limit: int = 10_000) -> tuple[Entry, ...]:
        with _translated():
            told = self._client.search(
                index=self._target(),
                query={"range": {"id": {"gt": after}}},
                sort=[{"id": "asc"}],
                size=limit,
                source=False,
                docvalue_fields=[{"field": name} for name in ("id", "version", "live")],
                track_total_hits=False,
            )
        return tuple(
            Entry(int(row["fields"]["id"][0]), int(row["fields"]["version"][0]), bool(row["fields"]["live"][0]))
            for row in told["hits"]["hits"]
        )

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
        with _translated():
            told = self._client.search(
                index=self._target(),
                query={"bool": asked},
                sort=sort,
                size=query.limit + 1,
                search_after=list(cursor.after) if cursor else None,
                track_total_hits=True,
                source=_SHOWN,
                aggs={name: {"terms": {"field": name, "size": 1000}} for name in query.facets} or None,
                search_type="dfs_query_then_fetch" if self._shards > 1 else None,
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
        typed = normalise(text).strip()
        if not typed or not access.tokens:
            return ()
        include = _literal(typed) + ".*"
        ordered = {"_key": "asc"}
        wanted: dict[str, Any] = {
            "suggest": {"terms": {"field": "suggest", "include": include, "size": limit * 3, "order": ordered}}
        }
        if typed[0].isdigit():
            wanted["ids"] = {"terms": {"field": "ids", "include": include, "size": limit, "order": ordered}}
        with _translated():
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
        alike = {
            "more_like_this": {
                "fields": ["words"],
                "like": [{"_index": target, "_id": str(document_id)}],
                "min_term_freq": 1,
                "min_doc_freq": 2,
                "max_query_terms": 12,
                "min_word_length": 2,
                "minimum_should_match": "30%",
            }
        }
        with _translated():
            own = self._client.search(
                index=target, query={"bool": {"filter": [itself, visible(access)]}}, size=1, source=False
            )
            if not own["hits"]["hits"]:
                return ()
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
        with _translated():
            answers = self._client.msearch(searches=searches)["responses"]
        refused = [answer["error"] for answer in answers if "error" in answer]
        if refused:
            raise SearchUnavailable(f"Elasticsearch refused the request: {refused[0].get('type')}")
        rows = [row for answer in answers for row in answer["hits"]["hits"]]
        return tuple({int(row["_id"]): Kept.unpack(int(row["_id"]), row["_source"]["kept"]) for row in rows}.values())


def connect(url: str, *, api_key: str = "", timeout: float = 5.0) -> Elasticsearch:
    """A client for one or more servers (`http://a:9200,http://b:9200`). Nothing is sent yet."""
    logging.getLogger("elastic_transport").setLevel(logging.WARNING)  # a line per request is not worth keeping
    hosts = [part.strip() for part in url.split(",") if part.strip()]
    return Elasticsearch(hosts, api_key=api_key or None, request_timeout=timeout, retry_on_timeout=False, max_retries=1)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """The client's errors as ours; the server's answer stays in the text."""
    try:
        yield
    except TransportError as error:
        raise SearchUnavailable(f"Elasticsearch does not answer ({type(error).__name__})") from error
    except NotFoundError as error:
        raise SearchUnavailable("the search index is missing; run rebuild_search") from error
    except ApiError as error:
        raise SearchUnavailable(f"Elasticsearch refused the request: {error.status_code} {error.error}") from error


def _source(document: Document) -> dict[str, Any]:
    prepared = prepare(document)
    return {
        "id": document.id,
        "version": document.version,
        "live": True,
        "newest": document.newest,
        "soonest": document.soonest,
        "created": document.created,
        "due": document.due,
        "words": prepared.words,
        "any": prepared.any,
        "sound": prepared.sound,
        "pinyin": prepared.pinyin,
        "ids": list(prepared.ids),
        "suggest": list(prepared.suggest),
        "access": sorted(document.access),
        "phone": document.phone_hash or None,
        "print": printed(document.fingerprint),
        "estate": document.estate or None,
        "kept": Kept.of(document).pack(),
        "number": document.number,
        "external_id": document.external_id,
        "shown_title": document.title,
        "shown_body": document.body,
        **{name: list(document.values(name)) for name in FIELDS},
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
