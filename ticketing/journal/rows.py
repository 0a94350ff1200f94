"""The rows beside a ticket: each event carries a keyed digest of every one that its action wrote or changed.

An event's `rows` is a list of `[kind, key, digest, new]`. The key is null for rows that went in together with a new
ticket, before the database had given them one; those are told apart by their digest. Left out of a digest is what
changes without an event: how far a message or an alarm call has come. Sealed columns count by what they hold, so that
another key changes nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import models

from ticketing.models import (
    Alarm,
    AlarmCall,
    Assignment,
    Attachment,
    Callback,
    Clock,
    Correction,
    ExtensionRequest,
    Identity,
    Link,
    Note,
    Notice,
    Pause,
    Reply,
    ReturnRequest,
    Supervision,
    TicketEvent,
)
from ticketing.privacy import crypto

from . import chain

Record = list[object]
Row = models.Model
_BOX = "_box"


@dataclass(frozen=True)
class Kind:
    """How one model's rows are digested. `open_ended`: rows of it also come by other ways than an action.

    `ticket`: the way to its ticket; a column of that name is not digested: the event stands in the ticket's journal.
    """

    model: type[models.Model]
    ticket: str = "ticket_id"
    without: frozenset[str] = frozenset()
    open_ended: bool = False

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)


#: how far a message has come
DELIVERY = frozenset({"means", "address_box", "state", "tries", "next_try_at", "sent_at", "read_at", "error"})
_RINGING = frozenset({"state", "round", "place", "next_at", "confirmed_at", "ended_at"})
KINDS = (
    Kind(Assignment),
    Kind(Reply),
    Kind(Note),
    Kind(Callback),
    Kind(ReturnRequest),
    Kind(ExtensionRequest),
    Kind(Supervision),
    Kind(Clock),
    Kind(Pause, "clock__ticket_id"),
    Kind(Attachment),
    Kind(Identity),
    Kind(Link),
    Kind(Correction),
    Kind(Alarm, without=_RINGING),
    Kind(AlarmCall, "alarm__ticket_id", open_ended=True),
    Kind(Notice, without=DELIVERY, open_ended=True),
)
_BY_MODEL = {kind.model: kind for kind in KINDS}


def journalled(row: models.Model) -> bool:
    """Whether rows of this kind belong to a ticket's journal."""
    return type(row) in _BY_MODEL


def record(row: models.Model, *, new: bool) -> Record:
    """What the event says of the row as it stands now."""
    return [_BY_MODEL[type(row)].name, row.pk, digest(row), int(new)]


def digest(row: models.Model) -> str:
    """A keyed digest of everything the row says; its ticket and its own key stand beside it in the event."""
    text = chain.encode([_BY_MODEL[type(row)].name, *_reader(type(row))(row)])
    return hmac.digest(chain.key(), b"row:" + text.encode(), "sha256").hex()[:32]


class Reader:
    """Reads a model's values as the database will give them back: a form's `1` for a yes is a yes.

    Runs for every row that is written, so what the types of one row have shown is remembered for the next.
    """

    def __init__(self, kind: Kind) -> None:
        columns = [column for column in kind.model._meta.concrete_fields if self._counts(kind, column)]
        plain = [column for column in columns if not column.attname.endswith(_BOX)]
        self._boxes = [column.attname for column in columns if column.attname.endswith(_BOX)]
        self._names = [column.attname for column in plain]
        self._targets = [_target(column) for column in plain]
        self._expected = [_expected(target) for target in self._targets]
        self._right: set[tuple[type, ...]] = set()

    @staticmethod
    def _counts(kind: Kind, column: Any) -> bool:
        return column.attname != kind.ticket and not column.primary_key and column.attname not in kind.without

    def __call__(self, row: models.Model) -> list[object]:
        held = row.__dict__
        values = [held[name] for name in self._names]
        types = tuple(map(type, values))
        if types not in self._right:
            values = self._converted(values)
            if tuple(map(type, values)) == types:
                self._right.add(types)
        return values + [_opened(held, name) for name in self._boxes] if self._boxes else values

    def _converted(self, values: list[Any]) -> list[Any]:
        return [
            value if value is None or expected is None or type(value) is expected else target.to_python(value)
            for value, target, expected in zip(values, self._targets, self._expected, strict=True)
        ]


def _target(column: Any) -> Any:
    while isinstance(column, models.ForeignKey):
        column = column.target_field
    return column


def _expected(target: Any) -> type | None:
    kinds = {models.BooleanField: bool, models.IntegerField: int, models.CharField: str, models.TextField: str}
    return next((kind for field_kind, kind in kinds.items() if isinstance(target, field_kind)), None)


def _opened(held: dict[str, Any], name: str) -> object:
    known = held.get("clear")  # left by whoever has just sealed it
    if known is not None:
        return known[name]
    try:
        return crypto.open_box(held[name])
    except crypto.CannotOpen:
        return ["cannot be opened"]


@lru_cache(maxsize=64)
def _reader(model: type[models.Model]) -> Reader:
    return Reader(_BY_MODEL[model])


@dataclass
class Told:
    """What the events of one ticket say of its rows: `known` by key with its event, `loose` ones without a key.

    `unknown`, after `faults`: open-ended rows (kind and key) that no event tells of; the ledger must.
    """

    known: dict[tuple[str, object], tuple[int, str, bool]] = field(default_factory=dict)
    loose: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    whole: bool = False
    unknown: list[str] = field(default_factory=list)

    def faults(self, rows: Iterable[models.Model]) -> Iterator[tuple[int, str]]:
        """(event, what) for each row that differs from its last digest, is gone, or that no event knows."""
        strange: dict[str, list[object]] = {}
        kept: set[tuple[str, object]] = set()
        for row in rows:
            kind = _BY_MODEL[type(row)]
            key = (kind.name, row.pk)
            if key in self.known:
                kept.add(key)
                seq, expected, new = self.known[key]
                if not hmac.compare_digest(digest(row), expected):
                    yield seq, f"{kind.name} {row.pk} was edited outside the journal"
                if not new:
                    self._take_first(kind.name)
            elif not self._take(kind.name, digest(row)):
                strange.setdefault(kind.name, []).append(row.pk)
        yield from self._gone(kept)
        yield from self._strange(strange)

    def _take(self, name: str, found: str) -> bool:
        for place, (_, expected) in enumerate(self.loose.get(name, ())):
            if hmac.compare_digest(found, expected):
                del self.loose[name][place]
                return True
        return False

    def _take_first(self, name: str) -> None:
        """A row that changed later has its first digest among the loose ones: which of them does not matter."""
        if self.loose.get(name):
            self.loose[name].pop(0)

    def _gone(self, kept: set[tuple[str, object]]) -> Iterator[tuple[int, str]]:
        for (name, pk), (seq, _, _) in self.known.items():
            if (name, pk) not in kept:
                yield seq, f"{name} {pk} was deleted outside the journal"

    def _strange(self, strange: dict[str, list[object]]) -> Iterator[tuple[int, str]]:
        for kind in KINDS:
            rows, missing = strange.get(kind.name, []), self.loose.get(kind.name, [])
            for place, (seq, _) in enumerate(missing):
                if place < len(rows) and not kind.open_ended:
                    yield seq, f"{kind.name} {rows[place]} was edited outside the journal"
                else:
                    yield seq, f"a {kind.name} was deleted or edited outside the journal"
            if kind.open_ended:
                self.unknown += [f"{kind.name}/{pk}" for pk in rows]
            elif self.whole:
                for pk in rows[len(missing) :]:
                    yield 0, f"{kind.name} {pk} was put in outside the journal"


def told(events: Sequence[TicketEvent]) -> Told:
    """Reads the events in their order. `whole`: digests from the ticket's first event on."""
    found = Told(whole=bool(events) and "rows" in events[0].data)
    for event in events:
        for name, key, expected, new in event.data.get("rows", ()):
            if key is None:
                found.loose.setdefault(name, []).append((event.seq, expected))
            else:
                before = found.known.get((name, key))
                found.known[(name, key)] = (event.seq, expected, bool(new) or (before is not None and before[2]))
    return found


def of_tickets(ids: Sequence[int]) -> dict[int, list[models.Model]]:
    """Every journalled row of the tickets, by ticket, in the order of `KINDS` and of their keys."""
    found: dict[int, list[models.Model]] = {pk: [] for pk in ids}
    for kind in KINDS:
        rows = kind.model._default_manager.filter(**{f"{kind.ticket}__in": ids}).order_by("pk")
        for row in rows.annotate(of_ticket=models.F(kind.ticket)):
            found[row.of_ticket].append(row)
    return found
