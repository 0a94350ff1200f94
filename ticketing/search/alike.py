"""How duplicates are looked for in an index: by the words of a fingerprint, the estate, the caller."""

from __future__ import annotations

import tantivy
from tantivy import Occur

from .documents import Access, Likeness
from .embedded_query import Clause, visible

#: of a fingerprint's words, how many are stored to be found by, and how many are looked up
PRINTED, SOUGHT = 16, 10
#: entries of lists read for one look-up: the commonest words are left out when the others are many already
ENTRIES = 60_000


def printed(fingerprint: str) -> list[str]:
    """The words of a packed fingerprint by which its document is found, most telling first."""
    return [part.rpartition(":")[0] for part in fingerprint.split(" ")[:PRINTED] if part]


def telling(words: tuple[str, ...], frequency: dict[str, int]) -> list[str]:
    """Words worth looking up: rare ones first, as many as `SOUGHT`, together at most `ENTRIES` long; at least one."""
    known = sorted((word for word in words if frequency[word]), key=lambda word: frequency[word])
    chosen: list[str] = []
    length = 0
    for word in known[:SOUGHT]:
        length += frequency[word]
        if chosen and length > ENTRIES:
            break
        chosen.append(word)
    return chosen


def within(schema: tantivy.Schema, likeness: Likeness, access: Access) -> list[Clause]:
    """The reader's access, the region and the time, none of which score."""
    since = tantivy.Query.range_query(schema, "created", tantivy.FieldType.Integer, likeness.since, None)
    found = [visible(schema, access), tantivy.Query.const_score_query(since, 0.0)]
    if likeness.region:
        place = tantivy.Query.term_query(schema, "region", likeness.region, index_option="basic")
        found.append(tantivy.Query.const_score_query(place, 0.0))
    return [(Occur.Must, query) for query in found]


def by_words(schema: tantivy.Schema, searcher: tantivy.Searcher, likeness: Likeness) -> tantivy.Query | None:
    frequency = {word: searcher.doc_freq("print", word) for word in likeness.words}
    words = telling(likeness.words, frequency)
    if not words:
        return None
    terms = [tantivy.Query.term_query(schema, "print", word, index_option="basic") for word in words]
    return tantivy.Query.boolean_query([(Occur.Should, term) for term in terms])


def by_value(schema: tantivy.Schema, field: str, value: str) -> tantivy.Query | None:
    if not value:
        return None
    return tantivy.Query.const_score_query(tantivy.Query.term_query(schema, field, value, index_option="basic"), 0.0)
