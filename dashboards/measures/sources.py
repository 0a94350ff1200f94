"""Where counts come from: the stored rows, whom they belong to, and by what they can be broken down.

A *subject* is what changes as a whole (a ticket, a call, a review). A *source* is a table whose rows belong to one
subject; its day columns date the counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, F, Model, Q, QuerySet, When
from django.db.models.expressions import Combinable

from directory.models.places import RegionLevel
from telephony.models import Call
from ticketing.models import Assignment, Callback, Clock, ExtensionRequest, ReturnRequest, Ticket, TicketEvent
from ticketing.reviews.models import Rectification, Review


@dataclass(frozen=True)
class Subject:
    """`dims`: breakdown → column of the subject; `city` is a column, "" when all rows are this installation's city.

    `place` leads to the region and `matter` to the category, "" when there is none: their district (the region itself
    unless it is a street) and first level take part in `pairs`, the breakdowns by two at once that the rollups hold.
    With every street and every matter a pair would have nearly as many rows as there are tickets.
    """

    name: str
    model: type[Model]
    city: str
    dims: dict[str, str]
    place: str = ""
    matter: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    def district(self, prefix: str = "") -> Combinable:
        """The code of the district, seen from a row whose subject lies behind `prefix`."""
        place = f"{prefix}{self.place}"
        street = Q(**{f"{place}__level": RegionLevel.STREET, f"{place}__parent__isnull": False})
        return Case(When(street, then=F(f"{place}__parent_id")), default=F(f"{place}_id"), output_field=CharField())

    def first_level(self, prefix: str = "") -> Combinable:
        """The key of the category's first level, seen from a row whose subject lies behind `prefix`."""
        matter = f"{prefix}{self.matter}"
        return Case(
            When(**{f"{matter}__parent__isnull": True}, then=F(f"{matter}_id")),
            When(**{f"{matter}__parent__parent__isnull": True}, then=F(f"{matter}__parent_id")),
            default=F(f"{matter}__parent__parent_id"),
        )

    def wider(self, prefix: str = "") -> dict[str, Combinable]:
        """The breakdowns that stand for a finer one in the pairs, as columns."""
        found: dict[str, Combinable] = {DISTRICT: self.district(prefix)} if self.place else {}
        return found | ({MATTER: self.first_level(prefix)} if self.matter else {})


@dataclass(frozen=True)
class Source:
    """`path` leads from a row to its subject ("" when the row is the subject); `unit` to the department, "" for none;
    `ticket` to the ticket behind a row, "" where there is none."""

    name: str
    model: type[Model]
    subject: str
    path: str
    unit: str
    ticket: str

    def column(self, name: str) -> str:
        """A column of the subject, seen from a row of this source."""
        return f"{self.path}__{name}" if self.path else name

    @property
    def subject_id(self) -> str:
        return f"{self.path}_id" if self.path else "pk"

    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.all()


DISTRICT, MATTER = "district", "matter"
#: finer breakdown → what stands for it in the pairs
WIDER = {"region": DISTRICT, "category": MATTER}
#: any two of the five by which a page can be limited
PAIRS = tuple(combinations(("unit", DISTRICT, MATTER, "kind", "channel"), 2))

SUBJECTS = {
    item.name: item
    for item in (
        Subject(
            "ticket",
            Ticket,
            "city_id",
            {"region": "region_id", "kind": "kind", "channel": "channel", "category": "category_id"},
            "region",
            "category",
            PAIRS,
        ),
        Subject("call", Call, "", {"queue": "queue"}),
        Subject(
            "review",
            Review,
            "city_id",
            {
                "region": "ticket__region_id",
                "kind": "ticket__kind",
                "channel": "ticket__channel",
                "category": "ticket__category_id",
                "rating_channel": "channel",
                "level": "level",
            },
            "ticket__region",
            "ticket__category",
            PAIRS,
        ),
    )
}

SOURCES = {
    item.name: item
    for item in (
        Source("ticket", Ticket, "ticket", "", "lead_id", "pk"),
        Source("clock", Clock, "ticket", "ticket", "assignment__department_id", "ticket_id"),
        Source("share", Assignment, "ticket", "ticket", "department_id", "ticket_id"),
        Source("return", ReturnRequest, "ticket", "ticket", "assignment__department_id", "ticket_id"),
        Source("extension", ExtensionRequest, "ticket", "ticket", "assignment__department_id", "ticket_id"),
        Source("event", TicketEvent, "ticket", "ticket", "ticket__lead_id", "ticket_id"),
        Source("callback", Callback, "ticket", "ticket", "ticket__lead_id", "ticket_id"),
        Source("call", Call, "call", "", "", ""),
        Source("review", Review, "review", "", "department_id", "ticket_id"),
        Source("rectification", Rectification, "review", "review", "department_id", "review__ticket_id"),
    )
}


def city_of_all() -> str:
    """The city of rows that name none: calls belong to this installation."""
    return str(settings.CITY_REGION)
