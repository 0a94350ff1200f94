"""The chain: each event's code covers its content and the code before it, with a key that is not in the database."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from functools import lru_cache

from django.conf import settings

from ticketing.models import Ticket, TicketEvent

#: columns of `Ticket` that an event may set and verification replays; text is journalled as a keyed digest
REPLAYED = (
    "channel",
    "source",
    "city_id",
    "taken_by_id",
    "publishable",
    "kind",
    "category_id",
    "urgency",
    "region_id",
    "confidential",
    "anonymous",
    "wants_callback",
    "complained_unit_id",
    "suspected_110",
    "published",
    "status",
    "lead_id",
    "dispatch_count",
    "return_count",
    "redo_count",
    "reopen_count",
    "urge_count",
    "ladder",
    "designated",
    "refusal_code",
    "master_id",
    "parent_id",
    "promised_at",
    "created_at",
    "first_dispatched_at",
    "dispatched_at",
    "signed_at",
    "contacted_at",
    "replied_at",
    "closed_at",
    "contacted",
    "solved",
    "satisfaction",
    "history",
    "due_at",
    "due_clock",
    "late",
    "to_review",
    "answered_in_days",
    "call_key",
)
DIGESTED = ("title", "body", "place", "enterprise", "external_id", "public_answer", "query_hash")


@lru_cache(maxsize=1)
def _key(hexkey: str) -> bytes:
    return hashlib.sha256(b"journal:" + hexkey.encode()).digest()


def key() -> bytes:
    return _key(settings.JOURNAL_KEY)


def stamp(moment: datetime | None) -> str | None:
    """UTC, microseconds: the one written form of a time in the journal."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def _plain(raw: object) -> object:
    """What JSON does not know: times as `stamp` writes them, days as they are."""
    if isinstance(raw, datetime):
        return stamp(raw)
    if isinstance(raw, date):
        return raw.isoformat()
    raise TypeError(f"{type(raw).__name__} has no written form in the journal")


#: the one written form of content under a code or a digest
encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode


def value(raw: object) -> object:
    return stamp(raw) if isinstance(raw, datetime) else (str(raw) if hasattr(raw, "label") else raw)


def digest(text: str) -> str:
    """A keyed digest: proves that a text is unaltered without letting anybody guess it."""
    return hmac.digest(key(), text.encode(), "sha256").hex()[:32]


def replayed(ticket: Ticket, names: tuple[str, ...] | frozenset[str] | set[str] = REPLAYED) -> dict[str, object]:
    """The named columns in journal form."""
    found: dict[str, object] = {name: value(getattr(ticket, name)) for name in REPLAYED if name in names}
    found |= {f"{name}_digest": digest(getattr(ticket, name) or "") for name in DIGESTED if name in names}
    return found


def code(event: TicketEvent, previous: str) -> str:
    """The event's authentication code, hex, 64 characters."""
    content = [
        event.ticket.number,
        event.seq,
        event.action,
        event.from_status,
        event.to_status,
        stamp(event.at),
        event.actor_kind,
        event.staff_id,
        event.for_staff_id,
        event.department_id,
        event.assignment_id,
        event.origin,
        event.reason,
        event.data,
    ]
    return hmac.digest(key(), f"{previous}\n{encode(content)}".encode(), "sha256").hex()
