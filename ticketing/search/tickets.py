"""Tickets as documents of the index."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from ticketing.models import Assignment, Identity, Ticket
from ticketing.terms import ASSIGNMENT_GONE, Part, Urgency

from . import likeness
from .documents import Document
from .tokens import EVERYTHING
from .trees import category_path, region_names, region_path, unit_path

# mobile and identity numbers that a citizen wrote into the text: shown by the ticket's page, never by an index
_PERSONAL = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{17}[\dXx]|\d{15,16})(?!\d)")


def documents(ids: Collection[int]) -> list[Document]:
    """The documents of those tickets that exist, as they are now."""
    return [document(ticket) for ticket in with_everything(Ticket.objects.filter(pk__in=ids))]


def with_everything(rows: QuerySet[Ticket]) -> Iterable[Ticket]:
    """`rows` with what a document needs, in three queries."""
    shares = Assignment.objects.exclude(status__in=ASSIGNMENT_GONE).only("ticket_id", "department_id", "part")
    hashes = Identity.objects.only("ticket_id", "phone_hash")
    return rows.select_related("category").prefetch_related(
        Prefetch("assignments", shares, to_attr="shares"), Prefetch("identity", hashes)
    )


def without_persons(text: str) -> str:
    """The text without the numbers of persons that somebody wrote into it."""
    return _PERSONAL.sub("***", text)


def document(ticket: Ticket) -> Document:
    """One ticket; its `version` is the journal's, so an older state never replaces a newer one."""
    shares: list[Assignment] = ticket.shares  # type: ignore[attr-defined]
    identity = getattr(ticket, "identity", None)
    title, body = without_persons(ticket.title), without_persons(ticket.body)
    words, estate = likeness.read(f"{title}\n{body}")
    return Document(
        id=ticket.pk,
        version=ticket.version,
        number=ticket.number,
        external_id=ticket.external_id or "",
        title=title,
        body=body,
        place=_place(ticket),
        category=category_path(ticket.category.code if ticket.category else None),
        region=region_path(ticket.region_id or ticket.city_id),
        status=ticket.status,
        kind=ticket.kind,
        channel=ticket.channel,
        lead=str(ticket.lead_id or ""),
        assists=tuple(str(share.department_id) for share in shares if share.part == Part.ASSIST),
        tags=_tags(ticket),
        phone_hash=identity.phone_hash if identity else "",
        fingerprint=words.pack(),
        estate=likeness.estate(ticket.place) or estate,
        created=_seconds(ticket.created_at),
        due=_seconds(ticket.due_at) if ticket.due_at else None,
        access=_tokens(ticket, shares),
    )


def _place(ticket: Ticket) -> str:
    """The place as written, after the names of its district and street, by which people look for it: 金水区 路灯."""
    around = [name for name in region_names(ticket.region_id) if name not in ticket.place]
    return " ".join([*around, ticket.place]).strip()


def _tags(ticket: Ticket) -> tuple[str, ...]:
    told = {
        "urgent": ticket.urgency != Urgency.NORMAL,
        "confidential": ticket.confidential,
        "late": ticket.late,
        "suspected_110": ticket.suspected_110,
        "supervised": bool(ticket.ladder),
        "redone": ticket.redo_count > 0,
    }
    return tuple(name for name, holds in told.items() if holds)


def _tokens(ticket: Ticket, shares: list[Assignment]) -> frozenset[str]:
    regions = {*region_path(ticket.city_id), *region_path(ticket.region_id)}
    units = {unit for share in shares for unit in unit_path(share.department_id)}
    found = {EVERYTHING, f"c:{ticket.city_id}"}
    found |= {f"r:{code}" for code in regions} | {f"d:{unit}" for unit in units}
    if ticket.taken_by_id:
        found.add(f"s:{ticket.taken_by_id}")
    return frozenset(found)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
