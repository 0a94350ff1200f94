"""The index on Elasticsearch: one alias, generations behind it, and what is written and held.

Readers and writers use the alias; a rebuild writes a new index beside it and moves the alias in one request. Writes
carry the document's version (`external_gte`), so the server itself refuses what is older.

With `months` a generation has, beside its own index, one for each month in which documents were created, all behind
the alias. The month never changes, so a document never moves, and old months can be kept on slower disks.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Self

from elasticsearch import ApiError, Elasticsearch
from elasticsearch.helpers import streaming_bulk

from .alike import printed
from .documents import FIELDS, Document, Entry, IndexOutdated, Kept, SearchUnavailable
from .elastic_client import translated
from .elastic_query import lifecycle, mappings, month_of, settings
from .prepare import prepare
from .synonyms import Synonyms


class ElasticStore:
    """What `SearchEngine` says of writing and of generations.

    `alias` is the index's name for everybody; `index` fixes one generation (a rebuild's). `policy` is the name of a
    lifecycle policy that the cluster knows, given to the indexes of months.
    """

    def __init__(
        self,
        client: Elasticsearch,
        alias: str,
        *,
        synonyms: Synonyms | None = None,
        index: str = "",
        shards: int = 1,
        replicas: int = 0,
        months: bool = False,
        policy: str = "",
    ) -> None:
        self._client = client
        self._alias = alias
        self._synonyms = synonyms or Synonyms()
        self._fixed = index
        self._shards, self._replicas = shards, replicas
        self._months, self._policy = months, policy
        self._ready = bool(index)
        self._made: set[str] = set()  # months whose index is known to exist

    # --- generations -------------------------------------------------------------------------------------------------

    def _target(self) -> str:
        """What to read; the first generation is made on first use. Raises `IndexOutdated`."""
        if not self._ready:
            self._ensure()
            with translated():
                held = self._client.indices.get_mapping(index=self._alias)
            made_by = [index["mappings"].get("_meta") for index in held.values()]
            if any(one != mappings(months=self._months)["_meta"] for one in made_by):
                raise IndexOutdated("the search index was made by another version; run rebuild_search")
            self._ready = True
        if not self._fixed:
            return self._alias
        return f"{self._fixed}*" if self._months else self._fixed

    def _door(self, month: str = "") -> str:
        """What to write to: the generation's own index, or that of a month."""
        return "-".join(filter(None, (self._fixed or self._alias, month)))

    def _ensure(self) -> None:
        """There is an alias with an index behind it, whatever its layout."""
        with translated():
            if not self._fixed and not self._client.indices.exists_alias(name=self._alias):
                self._create(f"{self._alias}-000001", aliases={self._alias: {"is_write_index": True}})

    def _ensure_month(self, month: str) -> None:
        if month in self._made:
            return
        base = self.generation()
        aliases: dict[str, Any] = {} if self._fixed else {self._alias: {}, self._door(month): {}}
        self._create(f"{base}-{month}", aliases=aliases, more=lifecycle(self._policy, month))
        self._made.add(month)

    def _create(self, index: str, *, aliases: dict[str, Any] | None = None, more: dict[str, Any] | None = None) -> None:
        try:
            self._client.indices.create(
                index=index,
                settings=settings(self._shards, self._replicas) | (more or {}),
                mappings=mappings(months=self._months),
                aliases=aliases,
            )
        except ApiError as error:
            if error.error != "resource_already_exists_exception":
                raise

    def generation(self) -> str:
        """The index behind the alias now; of one with months, that without a month."""
        with translated():
            self._target()
            # a month's name is longer than its generation's
            return self._fixed or min(self._client.indices.get_alias(name=self._alias), key=len)

    def begin(self, expected: int = 0) -> Self:
        index = f"{self._alias}-{time.time_ns()}"
        with translated():
            self._create(index)
        return type(self)(
            self._client,
            self._alias,
            synonyms=self._synonyms,
            index=index,
            shards=self._shards,
            replicas=self._replicas,
            months=self._months,
            policy=self._policy,
        )

    def swap(self, fresh: Self) -> None:
        self._ensure()
        with translated():
            fresh.refresh()
            old = sorted(self._client.indices.get_alias(name=self._alias))
            moves: list[dict[str, Any]] = [{"remove": {"index": name, "alias": f"{self._alias}*"}} for name in old]
            added: list[dict[str, Any]] = [
                {"add": {"index": fresh._fixed, "alias": self._alias, "is_write_index": True}},
                *(
                    {"add": {"index": fresh._door(month), "aliases": [self._alias, self._door(month)]}}
                    for month in sorted(fresh._made)
                ),
            ]
            self._client.indices.update_aliases(actions=[*moves, *added])
            self._drop(old)
        self._ready = bool(self._fixed)
        self._made.clear()

    def _drop(self, names: Iterable[str]) -> None:
        for name in names:
            self._client.indices.delete(index=name, ignore_unavailable=True)

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
            if self._months:  # a month may have been added to the old generation after it was dropped
                self._made.clear()
                with translated():
                    self._drop(self._client.indices.get(index=f"{before}-*"))

    def _send(self, rows: Sequence[tuple[int, int, dict[str, Any]]]) -> None:
        doors = self._doors(rows)
        actions = (
            {
                "_op_type": "index",
                "_index": doors[key],
                "_id": str(key),
                "version": version,
                "version_type": "external_gte",
                "_source": source,
            }
            for key, version, source in rows
        )
        with translated():
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
                    self._made.clear()
                    raise SearchUnavailable(f"Elasticsearch refused document {answer['_id']}: {answer.get('error')}")

    def _doors(self, rows: Sequence[tuple[int, int, dict[str, Any]]]) -> dict[int, str]:
        """Where each document is written. The mark of a deletion says no month: it goes where the document stands."""
        self._target()
        if not self._months:
            return {key: self._door() for key, _, _ in rows}
        months = {key: month_of(source["created"]) for key, _, source in rows if "created" in source}
        for month in sorted(set(months.values())):
            with translated():
                self._ensure_month(month)
        gone = self._month_of_held([key for key, _, _ in rows if key not in months])
        return {key: self._door(month) for key, month in (months | gone).items()}

    def _month_of_held(self, ids: Sequence[int]) -> dict[int, str]:
        """The months of documents by their index; "" for those that are in none."""
        if not ids:
            return {}
        base = self.generation()
        with translated():
            self._client.indices.refresh(index=self._target())
            told = self._client.search(
                index=self._target(), query={"terms": {"id": list(ids)}}, size=len(ids), source=False
            )
        held = {int(row["_id"]): str(row["_index"])[len(base) + 1 :] for row in told["hits"]["hits"]}
        return {key: held.get(key, "") for key in ids}

    def refresh(self) -> None:
        with translated():
            self._client.indices.refresh(index=self._target())

    def close(self) -> None:
        """The client belongs to whoever made it."""

    # --- what the index holds ----------------------------------------------------------------------------------------

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        if not words:
            return {}
        # numbered, because a word may hold signs that name other things in an answer
        each = {str(at): {"term": {"any": word}} for at, word in enumerate(words)}
        with translated():
            told = self._client.search(
                index=self._target(), size=0, track_total_hits=False, aggs={"each": {"filters": {"filters": each}}}
            )
        buckets = told["aggregations"]["each"]["buckets"]
        return {word: int(buckets[str(at)]["doc_count"]) for at, word in enumerate(words)}

    def count(self) -> int:
        with translated():
            return int(self._client.count(index=self._target(), query={"term": {"live": True}})["count"])

    def entries(self, after: int, limit: int = 10_000) -> tuple[Entry, ...]:
        with translated():
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
