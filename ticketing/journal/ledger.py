"""Rows that no ticket's journal tells of: reviews with what follows them, exchanges with platforms, who read what.

Whoever writes one calls `note` in the same transaction: an outbox entry carries a keyed digest of the row (and of the
rows that hang on it) to the anchor files, as `{"t": "review/12", "s": 1, "m": digest}`; `s` is 1 for a new row. The
last line of a row must fit what stands in the database.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import models
from django.utils import timezone

from ticketing.exchange.models import Exchange
from ticketing.models import OutboxEntry, ReadLedger
from ticketing.outbox import topics
from ticketing.outbox.publish import publish
from ticketing.reviews.models import Appeal, Rectification, Review, ReviewChange

from . import anchor, chain
from .rows import Kind, Reader

CHUNK = 500
NEW, CHANGED = 1, 2
_SENDING = frozenset({"next_at", "error", "tries"})


@dataclass(frozen=True)
class Book:
    """One kind of row, and the rows that hang on it by their foreign key `by`."""

    kind: Kind
    hanging: tuple[Kind, ...] = ()
    by: str = ""

    @property
    def model(self) -> type[models.Model]:
        return self.kind.model

    def name(self, pk: object) -> str:
        return f"{self.kind.name}/{pk}"


BOOKS = (
    Book(
        Kind(Review, ""),
        (Kind(ReviewChange, ""), Kind(Rectification, ""), Kind(Appeal, "")),
        by="review_id",
    ),
    Book(Kind(Exchange, "", without=_SENDING)),
    Book(Kind(ReadLedger, "")),
)
_BY_MODEL = {book.model: book for book in BOOKS}


@dataclass(frozen=True)
class Wrong:
    """A row that differs from its last line: its name, its ticket when it has one, and what."""

    name: str
    ticket_id: int | None
    what: str


def note(row: models.Model, *, new: bool = False) -> None:
    """The row as it stands now goes on record; inside the transaction that wrote it, after the rows that hang on it.

    Locked first: of two that write about one row, the second's digest holds what the first wrote.
    """
    book = _BY_MODEL[type(row)]
    stored = book.model._base_manager.select_for_update().get(pk=row.pk)
    digest = _digests(book, [stored])[row.pk]
    payload = {"number": book.name(row.pk), "seq": NEW if new else CHANGED, "mac": digest}
    publish([OutboxEntry(topic=topics.LEDGER, key=book.name(row.pk), payload=payload, created_at=timezone.now())])


@lru_cache(maxsize=16)
def _reader(kind: Kind) -> Reader:
    return Reader(kind)


def _digests(book: Book, found: Sequence[models.Model]) -> dict[object, str]:
    """The digest of each row with what hangs on it; one query for each kind."""
    contents: dict[object, list[object]] = {row.pk: [book.kind.name, *_reader(book.kind)(row)] for row in found}
    for kind in book.hanging:
        for row in kind.model._base_manager.filter(**{f"{book.by}__in": list(contents)}).order_by("pk"):
            contents[getattr(row, book.by)].append([kind.name, row.pk, *_reader(kind)(row)])
    return {pk: _digest(book.name(pk), content) for pk, content in contents.items()}


def _digest(name: str, content: list[object]) -> str:
    return hmac.digest(chain.key(), f"ledger:{name}:{chain.encode(content)}".encode(), "sha256").hex()


def wrong(heads: dict[str, anchor.Head]) -> Iterator[Wrong]:
    """Every row that was edited or deleted since its last line, or put in behind the first one on record."""
    for book in BOOKS:
        yield from _wrong(book, {name: head for name, head in heads.items() if name.startswith(f"{book.kind.name}/")})


def _wrong(book: Book, heads: dict[str, anchor.Head]) -> Iterator[Wrong]:
    noted = {int(name.partition("/")[2]): head for name, head in heads.items()}
    first = min((pk for pk, head in noted.items() if head.seq == NEW), default=None)
    seen: set[int] = set()
    last = 0
    while rows := list(book.model._base_manager.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = rows[-1].pk
        for row, (pk, digest) in zip(rows, _digests(book, rows).items(), strict=True):
            assert isinstance(pk, int)
            seen.add(pk)
            what = ""
            if pk in noted and not hmac.compare_digest(digest, noted[pk].mac):
                what = "was edited outside the journal"
            elif pk not in noted and first is not None and pk > first:
                what = "was put in outside the journal"
            if what:
                yield Wrong(book.name(pk), getattr(row, "ticket_id", None), what)
    for pk in sorted(set(noted) - seen):
        yield Wrong(book.name(pk), None, "was deleted outside the journal")
