"""One line of a list: no identity, the due time in words and with a tone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from directory.worktime.source import UnknownRegion, calendar_for
from directory.worktime.text import remaining
from ticketing.desk.show import proposal
from ticketing.desk.show.proposal import Proposal
from ticketing.models import Ticket
from ticketing.terms import OPEN, ClockName, LadderStep, Status, Urgency

SOON = timedelta(hours=24)
#: all a row needs; bodies, answers and proposals stay in the database
COLUMNS = (
    "number",
    "title",
    "kind",
    "status",
    "urgency",
    "channel",
    "confidential",
    "anonymous",
    "suspected_110",
    "late",
    "due_at",
    "due_clock",
    "created_at",
    "return_count",
    "redo_count",
    "urge_count",
    "ladder",
    "history",
    "version",
    "city_id",
    "lead__short_name",
    "lead__name",
    "region__name",
    "category__path",
)
_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")


@dataclass(frozen=True)
class Due:
    """`tone`: late, soon, ok, paused or "" when nothing runs; never shown without `words`."""

    words: str
    tone: str
    clock: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Row:
    ticket: Ticket
    title: str
    due: Due
    marks: tuple[tuple[str, str], ...]
    proposal: Proposal | None = None

    @property
    def acceptable(self) -> bool:
        """Whether the proposal says all that a dispatch needs."""
        found = self.proposal
        if found is None or self.ticket.status not in (Status.NEW, Status.TO_DISPATCH):
            return False
        return bool(found.lead and (found.complete or self.ticket.status == Status.TO_DISPATCH))


def listed(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The queryset with the columns of a row and nothing else, in one statement."""
    return rows.select_related("lead", "region", "category").only(*COLUMNS)


def with_proposals(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """As `listed`, with what the machine proposed: for who dispatches."""
    return rows.select_related("lead", "region", "category").only(*COLUMNS, "proposal")


def present(tickets: Iterable[Ticket], now: datetime, *, proposals: bool = False) -> list[Row]:
    return [
        Row(ticket, quiet(ticket.title), due(ticket, now), marks(ticket), _proposed(ticket) if proposals else None)
        for ticket in tickets
    ]


def _proposed(ticket: Ticket) -> Proposal | None:
    return proposal.read(ticket.proposal, decided=ticket.category_id is not None)


def quiet(text: str) -> str:
    """The text with mobile numbers masked: a title is the citizen's own words."""
    return _MOBILE.sub(r"\1****\2", text)


def due(ticket: Ticket, now: datetime) -> Due:
    """What the ticket's soonest clock says now."""
    if ticket.status not in OPEN:
        return Due("", "")
    if ticket.due_at is None:
        return Due("未计时或计时已暂停", "paused")
    clock = ClockName(ticket.due_clock).label if ticket.due_clock in ClockName.values else ""
    return moment_due(ticket.due_at, now, ticket.city_id, late=ticket.late, clock=clock)


def moment_due(due_at: datetime, now: datetime, region: str | None, *, late: bool = False, clock: str = "") -> Due:
    """A due time in words: `还剩2个工作日，9月30日24时前`, `已超期3小时`."""
    try:
        words = remaining(due_at, now, calendar_for(region))
    except UnknownRegion:
        words = remaining(due_at, now, calendar_for(None))
    tone = "late" if late or due_at <= now else "soon" if due_at - now <= SOON else "ok"
    return Due(words, tone, clock, due_at)


def marks(ticket: Ticket) -> tuple[tuple[str, str], ...]:
    """(words, tone) of what stands out."""
    found: list[tuple[str, str]] = []
    if ticket.urgency != Urgency.NORMAL:
        found.append((Urgency(ticket.urgency).label, "solid"))
    if ticket.suspected_110:
        found.append(("疑似110", "red"))
    if ticket.confidential:
        found.append(("保密", "amber"))
    if ticket.anonymous:
        found.append(("匿名", ""))
    if ticket.return_count:
        found.append((f"退单{ticket.return_count}次", "amber"))
    if ticket.redo_count:
        found.append((f"重办{ticket.redo_count}次", "amber"))
    if ticket.urge_count:
        found.append((f"催办{ticket.urge_count}次", "amber"))
    if ticket.ladder in LadderStep.values:
        found.append((LadderStep(ticket.ladder).label, "red"))
    if ticket.history:
        found.append(("历史导入", ""))
    return tuple(found)
