"""Plans and conditions as tantivy queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import tantivy
from tantivy import Occur

from .documents import Access, Query
from .plan import AllOf, AnyOf, Fuzzy, Node, Phrase, Ranked, Word

#: up to so many values are looked up as the other conditions need them; a set of all their documents is made for more
FEW = 8
#: reading on in a list of documents costs about this many times less than looking one up in it
LEAP = 7
#: fields of which a document has one value at most
SINGLE = frozenset({"kind", "status", "channel", "lead"})
_POSTINGS = {"words": "position", "any": "freq"}  # how a field is indexed, which a term query must repeat


Clause = tuple[Occur, tantivy.Query]


def translate(schema: tantivy.Schema, node: Node) -> tantivy.Query:
    if isinstance(node, Word):
        option = _POSTINGS.get(node.field, "basic")
        term = tantivy.Query.term_query(schema, node.field, node.text, index_option=option)
        return term if node.boost == 1.0 else tantivy.Query.boost_query(term, node.boost)
    if isinstance(node, Fuzzy):
        fuzzy = tantivy.Query.fuzzy_term_query(schema, node.field, node.text, distance=1)
        return tantivy.Query.boost_query(fuzzy, node.boost)
    if isinstance(node, Phrase):
        if len(node.words) == 1:
            return tantivy.Query.term_query(schema, node.field, node.words[0])
        return tantivy.Query.phrase_query(schema, node.field, list(node.words))
    if isinstance(node, AnyOf):
        choices = [(Occur.Should, translate(schema, child)) for child in node.children]
        if len(choices) == 1:
            return choices[0][1]
        return tantivy.Query.boolean_query(choices, minimum_number_should_match=node.least)
    if isinstance(node, Ranked):
        return tantivy.Query.boolean_query([*_found_by(schema, node.node, scored=True), *_scored_by(schema, node)])
    return tantivy.Query.boolean_query(_all_of(schema, node))


def _all_of(schema: tantivy.Schema, node: AllOf) -> list[Clause]:
    required = [(Occur.Must, translate(schema, child)) for child in node.children]
    if not required:
        required = [(Occur.Must, _unscored(tantivy.Query.all_query()))]
    refused = [(Occur.MustNot, translate(schema, child)) for child in node.without]
    return [*required, *refused]


def _found_by(schema: tantivy.Schema, node: Node, *, scored: bool) -> list[Clause]:
    """`node` as conditions side by side: the shortest list then leads the search. `scored`: single words score."""
    if isinstance(node, AllOf):
        found = [clause for child in node.children for clause in _required(schema, child, scored)]
        if not found:
            found = [(Occur.Must, _unscored(tantivy.Query.all_query()))]
        return [*found, *((Occur.MustNot, translate(schema, child)) for child in node.without)]
    return _required(schema, node, scored)


def _required(schema: tantivy.Schema, node: Node, scored: bool) -> list[Clause]:
    if isinstance(node, AllOf):
        return _found_by(schema, node, scored=False)  # the pairs of a longer word, which is scored as a whole
    found = translate(schema, node)
    return [(Occur.Must, found if scored and isinstance(node, Word) else _unscored(found))]


def _scored_by(schema: tantivy.Schema, node: Ranked) -> list[Clause]:
    return [(Occur.Should, translate(schema, child)) for child in node.by]


def _unscored(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)


def read_all_of(
    schema: tantivy.Schema, node: Node | None, filters: Iterable[Clause], *, scored: bool = True
) -> tantivy.Query:
    """`node` and the filters; without scores when they are only counted or sorted by something else."""
    clauses = _wanted(schema, node, scored=scored)
    if scored and isinstance(node, Ranked):
        clauses += _scored_by(schema, node)
    return tantivy.Query.boolean_query([*clauses, *filters])


def _wanted(schema: tantivy.Schema, node: Node | None, *, scored: bool) -> list[Clause]:
    if node is None:
        return [(Occur.Must, _unscored(tantivy.Query.all_query()))]
    if isinstance(node, Ranked):
        return _found_by(schema, node.node, scored=scored)
    return [(Occur.Must, translate(schema, node))]


def visible(schema: tantivy.Schema, access: Access) -> tantivy.Query:
    """What the reader may see at all."""
    return _one_of(schema, "access", sorted(access.tokens))


def conditions(
    schema: tantivy.Schema, searcher: tantivy.Searcher, node: Node | None, query: Query, access: Access
) -> list[Clause]:
    """The reader's access and the question's filters, none of which count for the score."""
    found: list[Clause] = [(Occur.Must, visible(schema, access))]
    core = _wanted(schema, node, scored=False)
    most = _at_most(searcher, node)
    for name, values in query.filters.items():
        if values:
            found += _any_value(schema, searcher, name, values, core, most)
    if query.phone_hash:
        found.append((Occur.Must, _one_of(schema, "phone", [query.phone_hash])))
    spans = [
        *_span(schema, "created", query.created_from, query.created_to),
        *_span(schema, "due", query.due_from, query.due_to),
    ]
    return found + [(Occur.Must, span) for span in spans]


def _at_most(searcher: tantivy.Searcher, node: Node | None) -> int:
    """How many documents `node` can find, as far as its required words tell."""
    if isinstance(node, Ranked):
        return _at_most(searcher, node.node)
    if isinstance(node, Word):
        return searcher.doc_freq(node.field, node.text)
    if isinstance(node, AllOf):
        return min((_at_most(searcher, child) for child in node.children), default=searcher.num_docs)
    return searcher.num_docs


def _any_value(
    schema: tantivy.Schema,
    searcher: tantivy.Searcher,
    field: str,
    values: Sequence[str],
    core: list[Clause],
    most: int,
) -> list[Clause]:
    """Documents with one of the values.

    To join several lists, all of them are read. Where the other values have fewer documents, these are refused instead;
    where few documents are in question, it is far cheaper to look each of these up: found by `core` and without any of
    the values is what must not be.
    """
    if 1 < len(values) <= FEW:
        entries = sum(searcher.doc_freq(field, value) for value in values)
        others = _other_values(searcher, field, values)
        if others is not None and len(others) <= FEW and sum(others.values()) < entries:
            return [(Occur.MustNot, _one_of(schema, field, [value])) for value in others]
        if most * len(values) * LEAP < entries:
            absent = [(Occur.MustNot, _one_of(schema, field, [value])) for value in values]
            return [(Occur.MustNot, tantivy.Query.boolean_query([*core, *absent]))]
    return [(Occur.Must, _one_of(schema, field, values))]


def _other_values(searcher: tantivy.Searcher, field: str, values: Sequence[str]) -> dict[str, int] | None:
    """The field's values but these, with how many documents have each; None unless every document has exactly one."""
    if field not in SINGLE:
        return None
    known = dict(searcher.terms_with_prefix(field, ""))
    if sum(known.values()) != searcher.doc_freq("live", True):
        return None
    return {value: count for value, count in known.items() if value not in values}


def _one_of(schema: tantivy.Schema, field: str, values: Sequence[str]) -> tantivy.Query:
    terms = [tantivy.Query.term_query(schema, field, value, index_option="basic") for value in values]
    if len(terms) == 1:
        inner = terms[0]
    elif len(terms) <= FEW:
        inner = tantivy.Query.boolean_query([(Occur.Should, term) for term in terms])
    else:
        inner = tantivy.Query.term_set_query(schema, field, list(values))
    return tantivy.Query.const_score_query(inner, 0.0)


def _span(schema: tantivy.Schema, field: str, low: int | None, high: int | None) -> list[tantivy.Query]:
    if low is None and high is None:
        return []
    last = None if high is None else high - 1
    bounded = tantivy.Query.range_query(schema, field, tantivy.FieldType.Integer, low, last)
    return [tantivy.Query.const_score_query(bounded, 0.0)]
