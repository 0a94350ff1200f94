"""What goes into an index and what comes out: plain values, the same for every engine."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Self

LAYOUT = 6  # of the index's fields; a change makes every index of before outdated
ID_BITS = 30  # a sort key is `seconds << ID_BITS | id`, which orders by time and is unique
NEVER = (1 << 33) - 1  # the due time of what has none: after everything else

# what one may filter by and count; `unit` is the lead and the assisting units together
FIELDS = ("kind", "status", "channel", "category", "region", "lead", "unit", "tag")


class SearchError(Exception):
    """A search that cannot be answered; the text is fit to be shown."""


class BadQuery(SearchError):
    """The query asks for something that does not exist. Not worth repeating."""


class SearchUnavailable(SearchError):
    """The engine does not answer now. Worth repeating; readers fall back to the database."""


class IndexOutdated(SearchUnavailable):
    """The index was made by another version of the product; only a rebuild mends it, which the feed starts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One findable thing. Identity fields (name, phone, address of a person) have no place here.

    `version` grows with every change (the journal's sequence number): an older version never replaces a newer one.
    `category` and `region` hold codes from the root to the leaf. Times are seconds since 1970, UTC.
    `access` are the tokens of which a reader must hold at least one. `fingerprint` is a packed
    `nlp.duplicates.Fingerprint`, `estate` the estate or road: by these and the caller's hash duplicates are found.
    """

    id: int
    version: int
    number: str
    external_id: str = ""
    title: str = ""
    body: str = ""
    place: str = ""
    category: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    status: str = ""
    kind: str = ""
    channel: str = ""
    lead: str = ""
    assists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    phone_hash: str = ""
    fingerprint: str = ""
    estate: str = ""
    created: int = 0
    due: int | None = None
    access: frozenset[str] = frozenset()

    def values(self, name: str) -> tuple[str, ...]:
        """The values under which this document is filtered and counted in field `name`."""
        if name == "unit":
            found: tuple[str, ...] = (self.lead, *self.assists)
        elif name == "tag":
            found = self.tags
        elif name in ("category", "region"):
            found = getattr(self, name)
        else:
            found = (getattr(self, name),)
        return tuple(dict.fromkeys(value for value in found if value))

    @property
    def newest(self) -> int:
        return self.created << ID_BITS | self.id

    @property
    def soonest(self) -> int:
        return (NEVER if self.due is None else self.due) << ID_BITS | self.id


TicketDocument = Document


@dataclass(frozen=True, slots=True)
class Access:
    """What a reader may find: `tokens` held, and whether looking up by a caller's phone is allowed."""

    tokens: frozenset[str]
    phone: bool = False


NOBODY = Access(frozenset())


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question. Empty parts do not restrict. Times are seconds since 1970, UTC; `from` is included, `to` is not."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    phone_hash: str = ""
    created_from: int | None = None
    created_to: int | None = None
    due_from: int | None = None
    due_to: int | None = None
    sort: Sort = Sort.RELEVANCE
    limit: int = 20
    cursor: str = ""
    facets: tuple[str, ...] = ()
    loose: bool = False  # a sentence in one's own words: some of the words suffice
    least: int = 0  # with `loose`: so many of the words suffice; 0: a share of them

    def check(self, access: Access) -> None:
        """Raises `BadQuery` for unknown fields, a wrong limit, or a phone look-up without the right to it."""
        unknown = [name for name in (*self.filters, *self.facets) if name not in FIELDS]
        if unknown:
            raise BadQuery(f"cannot filter or count by {', '.join(unknown)}; accepted are {', '.join(FIELDS)}")
        if not 1 <= self.limit <= 500:
            raise BadQuery(f"limit is {self.limit}; accepted is 1 to 500")
        if self.phone_hash and not access.phone:
            raise BadQuery("looking up by phone needs the right to see callers")


class Fragment(NamedTuple):
    """A piece of a passage; `hit` pieces are what was searched for."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    id: int
    number: str
    external_id: str
    score: float
    title: tuple[Fragment, ...]
    passage: tuple[Fragment, ...]

    @property
    def highlight(self) -> str:
        """The passage as safe HTML, hits in <em>; the title when the words stand only there."""
        in_passage = any(piece.hit for piece in self.passage)
        in_title = any(piece.hit for piece in self.title)
        return as_html(self.title if in_title and not in_passage else self.passage or self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What duplicates are looked for by: `words` from the most telling on, the estate, the caller.

    Only documents since `since` (seconds since 1970) and below the region `region` count; empty parts do not find.
    """

    words: tuple[str, ...]
    since: int
    region: str = ""
    estate: str = ""
    phone_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the index holds of a document to compare it by, without its text."""

    id: int
    fingerprint: str
    phone_hash: str
    region: str
    estate: str
    created: int

    def pack(self) -> str:
        return "\x1f".join((self.fingerprint, self.phone_hash, self.region, self.estate, str(self.created)))

    @classmethod
    def unpack(cls, id: int, line: str) -> Self:
        fingerprint, phone_hash, region, estate, created = line.split("\x1f")
        return cls(
            id=id,
            fingerprint=fingerprint,
            phone_hash=phone_hash,
            region=region,
            estate=estate,
            created=int(created),
        )

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            id=document.id,
            fingerprint=document.fingerprint,
            phone_hash=document.phone_hash,
            region=document.region[-1] if document.region else "",
            estate=document.estate,
            created=document.created,
        )


@dataclass(frozen=True, slots=True)
class Count:
    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """`relaxed` tells how far the question was widened to find anything: "", "spelling" or "some words"."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: Mapping[str, tuple[Count, ...]] = field(default_factory=dict)
    cursor: str = ""
    relaxed: str = ""
    about: bool = False  # the counts of facets are of a sample, scaled up: too many documents were found to count each
    degraded: bool = False  # answered by the database because the engine was away


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index holds of one document: `live` is False for the mark a deletion leaves."""

    id: int
    version: int
    live: bool = True


def as_html(fragments: tuple[Fragment, ...]) -> str:
    return "".join(
        f"<em>{html.escape(piece.text)}</em>" if piece.hit else html.escape(piece.text) for piece in fragments
    )
