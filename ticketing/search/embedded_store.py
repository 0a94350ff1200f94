"""The embedded index's files: generations, who writes them, and what is in them.

An index is a folder with one sub-folder per generation and a file CURRENT naming the one in use. One process writes at
a time (a lock of the operating system, freed when the process dies); any number read. A commit is atomic: a process
killed at any moment leaves the last commit, and what was not committed is delivered again by the outbox.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import tantivy

from .documents import Document, Entry, IndexOutdated, SearchUnavailable
from .embedded_documents import stored, tombstone
from .generations import Generations
from .schema import build_schema, register
from .synonyms import Synonyms

COMMIT = 20_000  # a rebuild commits so many documents at once at most: they wait in memory
MERGED = 8  # so many segments of about one size are merged into one by the library
#: bytes of stored texts that are compressed together, and all unpacked to show one of them; the library takes 16,384
BLOCK = 2048
LOCK_SECONDS = 60.0  # how long a writer waits for another process's writer


class EmbeddedStore:
    """What `SearchEngine` says of writing and of generations. `generation` fixes one (a rebuild's); without it the one
    in use is followed."""

    def __init__(
        self,
        folder: Path,
        *,
        synonyms: Synonyms | None = None,
        generation: str = "",
        heap_mb: int = 64,
        commit: int = COMMIT,
    ) -> None:
        self._folder = folder
        self._generations = Generations(folder)
        self._synonyms = synonyms or Synonyms()
        self._fixed = generation
        self._heap = heap_mb * 1_000_000
        self._portion = commit
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

    def begin(self, expected: int = 0) -> Self:
        return type(self)(
            self._folder,
            synonyms=self._synonyms,
            generation=self._generations.new(),
            heap_mb=self._heap // 1_000_000,
            commit=portion(expected),
        )

    def swap(self, fresh: Self) -> None:
        fresh.close()
        fresh._index()  # an empty generation is written too
        self._generations.use(fresh.generation())

    def _index(self) -> tantivy.Index:
        """The open index of the generation in use, with the last commit visible. Raises `SearchUnavailable`."""
        try:
            return self._current_index(self.generation())
        except OSError as error:
            self._opened = None
            raise SearchUnavailable(f"the folder of the search index cannot be used: {error}") from error

    def _current_index(self, name: str) -> tantivy.Index:
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
            if self._fixed and small_blocks(path / "meta.json"):
                index = tantivy.Index(self._schema, path=str(path))
        except ValueError as error:
            raise IndexOutdated(f"the search index cannot be opened ({error}); run rebuild_search") from error
        register(index)
        index.config_reader(reload_policy="manual")
        return index

    def _stamp(self, name: str) -> tuple[str, int, int]:
        told = os.stat(f"{self._folder}/{name}/meta.json")
        return name, told.st_mtime_ns, told.st_ino

    # --- writing -----------------------------------------------------------------------------------------------------

    def upsert(self, documents: Sequence[Document]) -> None:
        newest: dict[int, Document] = {}
        for document in documents:
            if document.id not in newest or newest[document.id].version <= document.version:
                newest[document.id] = document
        self._write({key: (found.version, stored(found)) for key, found in newest.items()})

    def delete(self, removed: Sequence[tuple[int, int]]) -> None:
        self._write({key: (version, tombstone(key, version)) for key, version in removed})

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
                if len(self._pending) >= self._portion:
                    self._finish(writer)
            if not self._fixed:
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
                    raise SearchUnavailable(f"the search index cannot be written: {error}") from error
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

    # --- what the index holds ----------------------------------------------------------------------------------------

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        searcher = self._index().searcher()
        return {word: searcher.doc_freq("any", word) for word in words}

    def count(self) -> int:
        live = tantivy.Query.term_query(self._schema, "live", True)
        return total(self._index().searcher().search(live, limit=1))

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


def small_blocks(meta: Path) -> bool:
    """Puts `BLOCK` into the settings of an index without documents, which the library's binding gives no way to say.
    Returns whether anything was changed. Nobody else may use the index meanwhile."""
    told = json.loads(meta.read_text(encoding="utf-8"))
    settings = told.get("index_settings")
    if told["segments"] or not settings or settings.get("docstore_blocksize") in (None, BLOCK):
        return False
    settings["docstore_blocksize"] = BLOCK
    fresh = meta.with_suffix(".new")
    fresh.write_text(json.dumps(told), encoding="utf-8")
    os.replace(fresh, meta)
    return True


def portion(expected: int) -> int:
    """How many documents a rebuild commits at once, so that the merging of equal portions ends with one segment: every
    question looks each word up in every segment."""
    made = max(1, expected)
    while made > COMMIT:
        made = -(-made // MERGED)
    return made if expected else COMMIT


def total(page: tantivy.SearchResult) -> int:
    """How many match; the binding's type description leaves this attribute out."""
    return int(getattr(page, "count", 0) or 0)
