"""Plans and conditions as tantivy queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import tantivy
from tantivy import Occur

from .documents import Access, Query
from .plan import AllOf, AnyOf, Fuzzy, Node, Phrase, Word

#: up to so many values are looked up as the other conditions need them; a set of all their documents is made for more
FEW = 8


def translate(schema: tantivy.Schema, node: Node) -> tantivy.Query:
    if isinstance(node, Word):
        option = {"words": "position", "title": "freq"}.get(node.field, "basic")
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
    return _all_of(schema, node)


def _all_of(schema: tantivy.Schema, node: AllOf) -> tantivy.Query:
    required = [(Occur.Must, translate(schema, child)) for child in node.children]
    if not required:
        required = [(Occur.Must, tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0))]
    refused = [(Occur.MustNot, translate(schema, child)) for child in node.without]
    return tantivy.Query.boolean_query([*required, *refused])


def read_all_of(schema: tantivy.Schema, node: Node | None, filters: Iterable[tantivy.Query]) -> tantivy.Query:
    """Everything `node` finds (all, when None) that passes every filter; filters do not count for the score."""
    wanted = [] if node is None else [(Occur.Must, translate(schema, node))]
    return tantivy.Query.boolean_query([*wanted, *((Occur.Must, passed) for passed in filters)])


def visible(schema: tantivy.Schema, access: Access) -> tantivy.Query:
    """What the reader may see at all."""
    return _one_of(schema, "access", sorted(access.tokens))


def conditions(schema: tantivy.Schema, query: Query, access: Access) -> list[tantivy.Query]:
    """The reader's access and the question's filters, none of which count for the score."""
    found = [visible(schema, access)]
    for name, values in query.filters.items():
        if values:
            found.append(_one_of(schema, name, values))
    if query.phone_hash:
        found.append(_one_of(schema, "phone", [query.phone_hash]))
    found += _span(schema, "created", query.created_from, query.created_to)
    found += _span(schema, "due", query.due_from, query.due_to)
    return found


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
