"""The embedded engine: tantivy, in this process, nothing to install.

An index is a folder with one sub-folder per generation and a file CURRENT naming the one in use. One process writes at
a time (a lock of the operating system, freed when the process dies); any number read. A commit is atomic: a process
killed at any moment leaves the last commit, and what was not committed is delivered again by the outbox.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import tantivy

from . import alike
from . import cursor as cursors
from .documents import (
    FIELDS,
    Access,
    BadQuery,
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
from .embedded_query import Clause, conditions, read_all_of, translate, visible
from .generations import Generations
from .plan import STAGES, Plan, Stage, like, plan
from .prepare import prepare
from .schema import build_schema, register
from .synonyms import Synonyms
from .text import highlight, normalise
from .turns import Turns

COMMIT = 20_000  # a rebuild commits so many documents at once: fewer and larger segments, which are read faster
LOCK_SECONDS = 60.0  # how long a writer waits for another process's writer
COUNTED = 20_000  # facets of more documents than these are counted on a sample
SAMPLE = 8  # of so many documents one
DEEPEST = 10_000  # how far a list sorted by relevance can be turned
# more threads searching at once than processors only wait for each other, and unfairly; a semaphore is first come first
_turns = Turns(os.cpu_count() or 1)
_ORDER = {
    Sort.NEWEST: ("newest", tantivy.Order.Desc),
    Sort.OLDEST: ("newest", tantivy.Order.Asc),
    Sort.DUE: ("soonest", tantivy.Order.Asc),
}

_NEWEST: dict[str, Any] = {"order_by_field": "newest", "order": tantivy.Order.Desc}


class EmbeddedEngine:
    """See `SearchEngine`. `generation` fixes one generation (a rebuild's); without it the one in use is followed."""

    name = "embedded"

    def __init__(
        self, folder: Path, *, synonyms: Synonyms | None = None, generation: str = "", heap_mb: int = 64
    ) -> None:
        self._folder = folder
        self._generations = Generations(folder)
        self._synonyms = synonyms or Synonyms()
        self._fixed = generation
        self._heap = heap_mb * 1_000_000
        self._schema = build_schema()
        self._guard = threading.Lock()
        self._opened: tuple[str, tantivy.Index] | None = None
        self._seen: tuple[str, int, int] | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._pending: dict[int, int] = {}  # written by a rebuild and not yet committed: id → version

    # --- generations -------------------------------------------------------------------------------------------------

    def generation(self) -> str:
        """The generation written to and read; made on first use."""
        return self._fixed or self._generations.current()

    def begin(self) -> EmbeddedEngine:
        return EmbeddedEngine(
            self._folder,
            synonyms=self._synonyms,
            generation=self._generations.new(),
            heap_mb=self._heap // 1_000_000,
        )

    def swap(self, fresh: EmbeddedEngine) -> None:
        fresh.close()
        fresh._index()  # an empty generation is written too
        self._generations.use(fresh.generation())

    def _index(self) -> tantivy.Index:
        """The open index of the generation in use, with the last commit visible."""
        name = self.generation()
        with self._guard:
            if self._opened is None or self._opened[0] != name:
                self._opened = (name, self._open(name))
                self._seen = None
            index = self._opened[1]
            stamp = self._stamp(name)
            if stamp != self._seen:
                index.reload()
                self._seen = stamp
            return index

    def _open(self, name: str) -> tantivy.Index:
        path = self._folder / name
        path.mkdir(parents=True, exist_ok=True)
        try:
            index = tantivy.Index(self._schema, path=str(path))
        except ValueError as error:
            raise IndexOutdated(f"the search index cannot be opened ({error}); run rebuild_search") from error
        register(index)
        index.config_reader(reload_policy="manual")
        return index

    def _stamp(self, name: str) -> tuple[str, int, int]:
        told = (self._folder / name / "meta.json").stat()
        return name, told.st_mtime_ns, told.st_ino

    # --- writing -----------------------------------------------------------------------------------------------------

    def upsert(self, documents: Sequence[Document]) -> None:
        newest: dict[int, Document] = {}
        for document in documents:
            if document.id not in newest or newest[document.id].version <= document.version:
                newest[document.id] = document
        self._write({key: (found.version, self._stored(found)) for key, found in newest.items()})

    def delete(self, removed: Sequence[tuple[int, int]]) -> None:
        self._write({key: (version, _tombstone(key, version)) for key, version in removed})

    def _write(self, changes: dict[int, tuple[int, tantivy.Document]]) -> None:
        if not changes:
            return
        while True:
            name = self.generation()
            self._commit(changes)
            # a rebuild may have put another generation in place meanwhile: then write there too
            if self.generation() == name:
                return

    def _commit(self, changes: dict[int, tuple[int, tantivy.Document]]) -> None:
        writer = self._writer or self._lock_writer(self._index())
        try:
            held = self._versions(self._index(), list(changes)) | self._pending
            for key, (version, document) in changes.items():
                if held.get(key, -1) > version:
                    continue
                writer.delete_documents_by_query(tantivy.Query.term_query(self._schema, "id", key))
                writer.add_document(document)
                if self._fixed:
                    self._pending[key] = version
            if len(self._pending) >= COMMIT or not self._fixed:
                self._finish(writer)
        finally:
            if not self._fixed:
                writer.wait_merging_threads()
            else:
                self._writer = writer  # a rebuild is the only writer of its generation and keeps it open

    def _finish(self, writer: tantivy.IndexWriter) -> None:
        writer.commit()
        self._pending.clear()

    def _lock_writer(self, index: tantivy.Index) -> tantivy.IndexWriter:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                return index.writer(heap_size=self._heap, num_threads=1)
            except ValueError as error:
                if "lock" not in str(error).lower():
                    raise
                if time.monotonic() > deadline:
                    raise SearchUnavailable("another process is writing the search index; try again") from error
                time.sleep(0.05)

    def _versions(self, index: tantivy.Index, ids: list[int]) -> dict[int, int]:
        searcher = index.searcher()
        query = tantivy.Query.term_set_query(self._schema, "id", ids)
        addresses = [address for _, address in searcher.search(query, limit=len(ids), count=False).hits]
        keys = searcher.fast_field_values("id", addresses)
        versions = searcher.fast_field_values("version", addresses)
        return {int(key or 0): int(version or 0) for key, version in zip(keys, versions, strict=True)}

    def _stored(self, document: Document) -> tantivy.Document:
        prepared = prepare(document)
        made = tantivy.Document()
        made.add_unsigned("id", document.id)
        made.add_unsigned("version", document.version)
        made.add_boolean("live", True)
        made.add_unsigned("sample", _mixed(document.id) % SAMPLE)
        made.add_unsigned("newest", document.newest)
        made.add_unsigned("soonest", document.soonest)
        made.add_integer("created", document.created)
        if document.due is not None:
            made.add_integer("due", document.due)
        for name in ("words", "any", "sound", "pinyin"):
            made.add_text(name, getattr(prepared, name))
        for name, values in (("ids", prepared.ids), ("suggest", prepared.suggest), ("access", document.access)):
            for value in values:
                made.add_text(name, value)
        for name in FIELDS:
            for value in document.values(name):
                made.add_text(name, value)
        if document.phone_hash:
            made.add_text("phone", document.phone_hash)
        for word in alike.printed(document.fingerprint):
            made.add_text("print", word)
        if document.estate:
            made.add_text("estate", document.estate)
        made.add_bytes("kept", Kept.of(document).pack().encode())
        shown = (document.number, document.external_id, document.title, document.body)
        made.add_bytes("shown", "\x1f".join(shown).encode())
        return made

    def refresh(self) -> None:
        if self._writer is not None and self._pending:
            self._finish(self._writer)
        with self._guard:
            self._seen = None

    def close(self) -> None:
        """Ends writing (merges are finished first) and lets go of the files."""
        if self._writer is not None:
            if self._pending:
                self._finish(self._writer)
            self._writer.wait_merging_threads()
        self._writer = None
        self._opened = self._seen = None

    # --- reading -----------------------------------------------------------------------------------------------------

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        searcher = self._index().searcher()
        return {word: searcher.doc_freq("any", word) for word in words}

    def count(self) -> int:
        live = tantivy.Query.term_query(self._schema, "live", True)
        return _total(self._index().searcher().search(live, limit=1))

    def entries(self, after: int, limit: int = 10_000) -> tuple[Entry, ...]:
        searcher = self._index().searcher()
        later = tantivy.Query.range_query(
            self._schema, "id", tantivy.FieldType.Unsigned, after, None, include_lower=False
        )
        found = searcher.search(later, limit=limit, count=False, order_by_field="id", order=tantivy.Order.Asc)
        addresses = [address for _, address in found.hits]
        columns = [searcher.fast_field_values(name, addresses) for name in ("id", "version", "live")]
        return tuple(
            Entry(int(key or 0), int(version or 0), bool(live)) for key, version, live in zip(*columns, strict=True)
        )

    def search(self, query: Query, *, access: Access) -> Results:
        query.check(access)
        if not access.tokens:
            return Results()
        cursor = cursors.read(query)
        searcher = self._index().searcher()
        stages = (cursor.stage,) if cursor else (STAGES if query.text.strip() else STAGES[:1])
        with _turns:
            return self._staged(searcher, stages, query, access, cursor)

    def _staged(
        self,
        searcher: tantivy.Searcher,
        stages: Sequence[Stage],
        query: Query,
        access: Access,
        cursor: cursors.Cursor | None,
    ) -> Results:
        for stage in stages:
            found = plan(query.text, stage, self._synonyms, loose=query.loose, least=query.least)
            filters = conditions(self._schema, searcher, found.node, query, access)
            results = self._page(searcher, filters, query, found, stage, cursor)
            if results.total or stage is stages[-1]:
                return results
        raise AssertionError("there is always a last stage")

    def _page(
        self,
        searcher: tantivy.Searcher,
        filters: list[Clause],
        query: Query,
        found: Plan,
        stage: Stage,
        cursor: cursors.Cursor | None,
    ) -> Results:
        asked = read_all_of(self._schema, found.node, filters, scored=False)
        if query.sort is Sort.RELEVANCE and found.ranked:
            offset = int(cursor.after[0]) if cursor else 0
            if offset > DEEPEST:
                raise BadQuery(f"a list by relevance ends after {DEEPEST}; narrow it or sort by time")
            scored = read_all_of(self._schema, found.node, filters)
            page = searcher.search(scored, limit=query.limit, offset=offset)
            total, last = _total(page), (offset + len(page.hits),)
            rows = _newest_first(searcher, [(float(score), address) for score, address in page.hits])
            more = offset + len(rows) < total
        else:
            field, order = _ORDER.get(query.sort, _ORDER[Sort.NEWEST])
            beyond = self._beyond(field, order, cursor)
            narrowed = read_all_of(self._schema, found.node, [*filters, *beyond], scored=False)
            page = searcher.search(narrowed, limit=query.limit, order_by_field=field, order=order)
            remaining = _total(page)
            rows = [(0.0, address) for _, address in page.hits]
            last = (int(page.hits[-1][0]),) if page.hits else (0,)
            more = remaining > len(rows)
            total = _total(searcher.search(asked, limit=1)) if cursor else remaining
        sampled = total > COUNTED and bool(query.facets)
        counted = read_all_of(self._schema, found.node, [*filters, self._sample()], scored=False) if sampled else asked
        return Results(
            hits=tuple(self._hit(searcher, address, score, found.sought) for score, address in rows),
            total=total,
            facets=self._facets(searcher, counted, query.facets, SAMPLE if sampled else 1) if total else {},
            about=sampled,
            cursor=cursors.write(query, cursors.Cursor(stage, last)) if more and rows else "",
            relaxed=stage.value if total else "",
        )

    def _beyond(self, field: str, order: tantivy.Order, cursor: cursors.Cursor | None) -> list[Clause]:
        if cursor is None:
            return []
        last = int(cursor.after[0])
        low, high = (last + 1, None) if order == tantivy.Order.Asc else (None, last - 1)
        later = tantivy.Query.range_query(self._schema, field, tantivy.FieldType.Unsigned, low, high)
        return [(tantivy.Occur.Must, later)]

    def _hit(
        self, searcher: tantivy.Searcher, address: tantivy.DocAddress, score: float, sought: tuple[str, ...]
    ) -> Hit:
        stored = searcher.doc(address)
        number, external_id, title, body = _shown(stored)
        return Hit(
            id=int(stored.get_first("id") or 0),
            number=number,
            external_id=external_id,
            score=score,
            title=highlight(title, sought, width=120),
            passage=highlight(body, sought),
        )

    def _sample(self) -> Clause:
        """One document in `SAMPLE`, always the same ones."""
        return tantivy.Occur.Must, tantivy.Query.const_score_query(
            tantivy.Query.term_query(self._schema, "sample", 0, index_option="basic"), 0.0
        )

    def _facets(
        self, searcher: tantivy.Searcher, asked: tantivy.Query, names: tuple[str, ...], times: int
    ) -> dict[str, tuple[Count, ...]]:
        """Counts of the values of `names`; `times`: how many documents each one counted stands for."""
        if not names:
            return {}
        wanted = {name: {"terms": {"field": name, "size": 1000, "segment_size": 10_000}} for name in names}
        told = searcher.aggregate(asked, wanted)
        return {
            name: tuple(Count(str(bucket["key"]), int(bucket["doc_count"]) * times) for bucket in told[name]["buckets"])
            for name in names
        }

    def suggest(self, text: str, *, access: Access, limit: int = 8) -> tuple[str, ...]:
        typed = normalise(text).strip()
        if not typed or not access.tokens:
            return ()
        searcher = self._index().searcher()
        seen = visible(self._schema, access)
        found = [term for term, _ in searcher.terms_with_prefix("suggest", typed, seen, limit * 3)]
        shown = [term.split("|", 1)[-1] for term in found]
        if typed[0].isdigit():
            shown += [term for term, _ in searcher.terms_with_prefix("ids", typed, seen, limit)]
        return tuple(dict.fromkeys(shown))[:limit]

    def more_like_this(self, document_id: int, *, access: Access, limit: int = 8) -> tuple[Hit, ...]:
        if not access.tokens:
            return ()
        searcher = self._index().searcher()
        seen = visible(self._schema, access)
        itself = tantivy.Query.term_query(self._schema, "id", document_id)
        both = [(tantivy.Occur.Must, itself), (tantivy.Occur.Must, seen)]
        own = searcher.search(tantivy.Query.boolean_query(both), limit=1).hits
        if not own:
            return ()
        _, _, title, body = _shown(searcher.doc(own[0][1]))
        node = like(lambda found: _telling(searcher, found), title, body)
        if node is None:
            return ()
        asked = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, translate(self._schema, node)),
                (tantivy.Occur.Must, seen),
                (tantivy.Occur.MustNot, itself),
            ]
        )
        page = searcher.search(asked, limit=limit, count=False)
        return tuple(self._hit(searcher, address, float(score), ()) for score, address in page.hits)

    def alike(self, likeness: Likeness, *, access: Access, most: Sequence[int] = (100, 60, 40)) -> tuple[Kept, ...]:
        if not access.tokens:
            return ()
        searcher = self._index().searcher()
        bounds = alike.within(self._schema, likeness, access)
        sought: tuple[tuple[tantivy.Query | None, int, dict[str, Any]], ...] = (
            (alike.by_words(self._schema, searcher, likeness), most[0], {}),
            (alike.by_value(self._schema, "estate", likeness.estate), most[1], _NEWEST),
            (alike.by_value(self._schema, "phone", likeness.phone_hash), most[2], _NEWEST),
        )
        found: dict[int, Kept] = {}
        with _turns:
            for wanted, limit, order in sought:
                if wanted is not None:
                    asked = tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), *bounds])
                    page = searcher.search(asked, limit=limit, count=False, **order)
                    found |= {kept.id: kept for kept in (_kept(searcher, address) for _, address in page.hits)}
        return tuple(found.values())


def _kept(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Kept:
    stored = searcher.doc(address)
    return Kept.unpack(int(stored.get_first("id") or 0), bytes(stored.get_first("kept") or b"").decode())


def _total(page: tantivy.SearchResult) -> int:
    """How many match; the binding's type description leaves this attribute out."""
    return int(getattr(page, "count", 0) or 0)


def _shown(stored: tantivy.Document) -> list[str]:
    """Number, external id, title and body as they were given."""
    return bytes(stored.get_first("shown") or b"").decode().split("\x1f", 3)


def _telling(searcher: tantivy.Searcher, found: list[str]) -> list[str]:
    """Words by how few documents have them; words of this document alone cannot find another."""
    frequency = {word: searcher.doc_freq("words", word) for word in found}
    return sorted((word for word in found if frequency[word] > 1), key=lambda word: frequency[word])


def _newest_first(
    searcher: tantivy.Searcher, rows: list[tuple[float, tantivy.DocAddress]]
) -> list[tuple[float, tantivy.DocAddress]]:
    """Of equal scores the newest first, as the other engine does; the same text sent twice is common."""
    if all(one[0] != other[0] for one, other in pairwise(rows)):
        return rows
    newest = searcher.fast_field_values("newest", [address for _, address in rows])
    ordered = sorted(zip(rows, newest, strict=True), key=lambda pair: (-pair[0][0], -int(pair[1] or 0)))
    return [row for row, _ in ordered]


def _mixed(key: int) -> int:
    """Spreads neighbouring ids evenly: tickets of one import share many properties."""
    return (key * 2_654_435_761 & 0xFFFFFFFF) >> 16


def _tombstone(key: int, version: int) -> tantivy.Document:
    made = tantivy.Document()
    made.add_unsigned("id", key)
    made.add_unsigned("version", version)
    made.add_boolean("live", False)
    return made
