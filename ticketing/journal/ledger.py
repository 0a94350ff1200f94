"""Rows that no ticket's journal tells of: reviews with what follows them, exchanges with platforms, who read what,
changes of words and rules, messages and alarm calls that no action brought along, and query codes made anew.

Whoever writes one calls `note` in the same transaction: an outbox entry carries a keyed digest of the row (and of the
rows that hang on it) to the anchor files, as `{"t": "review/12", "s": 1, "m": digest}`; `s` is 1 for a new row. The
last line of a row must fit what stands in the database.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import models
from django.utils import timezone

from ticketing.exchange.models import Exchange
from ticketing.models import AlarmCall, Notice, OutboxEntry, ReadLedger, Ticket, WordingChange
from ticketing.models.alarms import CallState
from ticketing.models.notices import CODE_TEMPLATE
from ticketing.outbox import topics
from ticketing.outbox.publish import publish
from ticketing.reviews.models import Appeal, Rectification, RectificationOrder, Review, ReviewChange

from . import anchor, chain
from .rows import DELIVERY, Kind, Reader

CHUNK = 500
NEW, CHANGED = 1, 2
EDITED, PUT_IN, GONE = (f"was {how} outside the journal" for how in ("edited", "put in", "deleted"))
_SENDING = frozenset({"next_at", "error", "tries"})


def _words(notice: Any) -> list[object]:
    """A code's message loses its text when the code has run out."""
    return [] if notice.template == CODE_TEMPLATE else [notice.text]


def _outcome(call: Any) -> list[object]:
    """What came of a call, once something did; until then the network that rings moves it along."""
    return [] if call.state in (CallState.WAITING, CallState.RINGING) else [call.state, call.error, call.settled_at]


@dataclass(frozen=True)
class Book:
    """One kind of row, and the rows that hang on it by their foreign key `by`.

    `also` reads what counts of columns that are not digested as they stand. `shared`: rows of it that belong to a
    ticket may stand in the ticket's journal instead.
    """

    kind: Kind
    hanging: tuple[Kind, ...] = ()
    by: str = ""
    also: Callable[[models.Model], list[object]] = lambda row: []
    shared: bool = False

    @property
    def model(self) -> type[models.Model]:
        return self.kind.model

    def name(self, pk: object) -> str:
        return f"{self.kind.name}/{pk}"


_BOOKS = (
    Book(
        Kind(Review, ""),
        (Kind(ReviewChange, ""), Kind(Rectification, ""), Kind(Appeal, ""), Kind(RectificationOrder, "")),
        by="review_id",
    ),
    Book(Kind(Exchange, "", without=_SENDING)),
    Book(Kind(ReadLedger, "")),
    Book(Kind(WordingChange, "")),
    Book(Kind(AlarmCall, "", without=frozenset({"state", "error", "settled_at"})), also=_outcome),
    Book(Kind(Notice, "", without=DELIVERY | {"text"}), also=_words, shared=True),
)
_BY_MODEL = {book.model: book for book in _BOOKS}


def keep(book: Book) -> None:
    """Takes another kind of row on; what stands above ticketing registers its own when it is ready."""
    _BY_MODEL[book.model] = book


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
    _send(book.name(row.pk), NEW if new else CHANGED, _digests(book, [stored])[row.pk])


def note_code(ticket: Ticket) -> None:
    """The ticket has another query code than the one its first event tells of; inside that transaction."""
    name = code_name(ticket.number)
    _send(name, CHANGED, _digest(name, [ticket.query_hash]))


def code_name(number: str) -> str:
    return f"querycode/{number}"


def code_fits(ticket: Ticket, head: anchor.Head) -> bool:
    """Whether the ticket's query code is the one last put on record."""
    return hmac.compare_digest(_digest(head.number, [ticket.query_hash]), head.mac)


def _send(name: str, seq: int, digest: str) -> None:
    payload = {"number": name, "seq": seq, "mac": digest}
    publish([OutboxEntry(topic=topics.LEDGER, key=name, payload=payload, created_at=timezone.now())])


@lru_cache(maxsize=16)
def _reader(kind: Kind) -> Reader:
    return Reader(kind)


def _digests(book: Book, found: Sequence[models.Model]) -> dict[object, str]:
    """The digest of each row with what hangs on it; one query for each kind."""
    contents: dict[object, list[object]] = {
        row.pk: [book.kind.name, *_reader(book.kind)(row), *book.also(row)] for row in found
    }
    for kind in book.hanging:
        for row in kind.model._base_manager.filter(**{f"{book.by}__in": list(contents)}).order_by("pk"):
            contents[getattr(row, book.by)].append([kind.name, row.pk, *_reader(kind)(row)])
    return {pk: _digest(book.name(pk), content) for pk, content in contents.items()}


def _digest(name: str, content: list[object]) -> str:
    return hmac.digest(chain.key(), f"ledger:{name}:{chain.encode(content)}".encode(), "sha256").hex()


def wrong(heads: dict[str, anchor.Head]) -> Iterator[Wrong]:
    """Every row that was edited or deleted since its last line, or put in behind the first one on record."""
    for book in _BY_MODEL.values():
        yield from _wrong(book, {name: head for name, head in heads.items() if name.startswith(f"{book.kind.name}/")})


def _wrong(book: Book, heads: dict[str, anchor.Head]) -> Iterator[Wrong]:
    noted = {int(name.partition("/")[2]): head for name, head in heads.items()}
    first = min((pk for pk, head in noted.items() if head.seq == NEW), default=None)
    seen: set[int] = set()
    last = 0
    while rows := list(book.model._base_manager.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = rows[-1].pk
        digests = _digests(book, [row for row in rows if row.pk in noted])
        seen.update(row.pk for row in rows)
        for row in rows:
            ticket = getattr(row, "ticket_id", None)
            what = ""
            if row.pk in noted:
                if not hmac.compare_digest(digests[row.pk], noted[row.pk].mac):
                    what = EDITED
            elif first is not None and row.pk > first and not (book.shared and ticket):
                what = PUT_IN
            if what:
                yield Wrong(book.name(row.pk), ticket, what)
    for pk in sorted(set(noted) - seen):
        yield Wrong(book.name(pk), None, GONE)
