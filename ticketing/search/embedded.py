"""The embedded engine: tantivy, in this process, nothing to install.

Here is how it is read; `embedded_store` keeps the files.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import tantivy

from . import alike
from . import cursor as cursors
from .documents import Access, BadQuery, Count, Hit, Kept, Likeness, Query, Results, Sort
from .embedded_documents import SAMPLE
from .embedded_query import Clause, conditions, read_all_of, translate, visible
from .embedded_store import EmbeddedStore
from .embedded_store import total as total_of
from .plan import STAGES, Plan, Stage, like, plan
from .text import highlight, typed_so_far
from .turns import Turns

COUNTED = 20_000  # facets of more documents than these are counted on a sample
DEEPEST = 10_000  # how far a list sorted by relevance can be turned
# more threads searching at once than processors only wait for each other, and unfairly; a semaphore is first come first
_turns = Turns(os.cpu_count() or 1)
_ORDER = {
    Sort.NEWEST: ("newest", tantivy.Order.Desc),
    Sort.OLDEST: ("newest", tantivy.Order.Asc),
    Sort.DUE: ("soonest", tantivy.Order.Asc),
}

_NEWEST: dict[str, Any] = {"order_by_field": "newest", "order": tantivy.Order.Desc}


class EmbeddedEngine(EmbeddedStore):
    """See `SearchEngine`."""

    name = "embedded"

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
            hits = page.hits  # copied at each access
            total, last = total_of(page), (offset + len(hits),)
            rows = _newest_first(searcher, [(float(score), address) for score, address in hits])
            more = offset + len(rows) < total
        else:
            field, order = _ORDER.get(query.sort, _ORDER[Sort.NEWEST])
            beyond = self._beyond(field, order, cursor)
            narrowed = read_all_of(self._schema, found.node, [*filters, *beyond], scored=False)
            page = searcher.search(narrowed, limit=query.limit, order_by_field=field, order=order)
            remaining, hits = total_of(page), page.hits
            rows = [(0.0, address) for _, address in hits]
            last = (int(hits[-1][0]),) if hits else (0,)
            more = remaining > len(rows)
            total = total_of(searcher.search(asked, limit=1)) if cursor else remaining
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
        typed = typed_so_far(text)
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
