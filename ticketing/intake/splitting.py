"""Several tickets from one text or call (多诉求): each demand gets its own number, unit and answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ticketing.errors import BadInput
from ticketing.intake.accept import Accepted, accept_many
from ticketing.intake.report import Report
from ticketing.lifecycle.actions.linking import Split
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.engine import act
from ticketing.models import Ticket
from ticketing.privacy.identity import opened

MOST_PARTS = 10


def split(ticket: Ticket, demands: Sequence[str], *, actor: Actor, now: datetime | None = None) -> list[Accepted]:
    """A child ticket for each of `demands`, with the parent's citizen, place and wishes; all of it or nothing.

    Raises `BadInput` for no or too many demands, and what `act` raises when the parent may not be split.
    """
    texts = [text.strip() for text in demands if text.strip()]
    if not 1 <= len(texts) <= MOST_PARTS:
        raise BadInput("demands", f"请给出 1 至 {MOST_PARTS} 条诉求")
    person = opened(getattr(ticket, "identity", None))
    reports = [
        Report(
            channel=ticket.channel,
            body=text,
            region=ticket.region_id or "",
            city=ticket.city_id,
            place=ticket.place,
            confidential=ticket.confidential,
            anonymous=ticket.anonymous,
            wants_callback=ticket.wants_callback,
            person=person,
            call_key=ticket.call_key,
            parent=ticket.pk,
        )
        for text in texts
    ]
    with transaction.atomic():
        children = accept_many(reports, actor=actor, now=now)
        act(ticket.pk, Split(children=tuple(child.ticket.number for child in children)), actor=actor, now=now)
    return children
