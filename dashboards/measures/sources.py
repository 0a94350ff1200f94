"""Where counts come from: the stored rows, whom they belong to, and by what they can be broken down.

A *subject* is what changes as a whole (a ticket, a call, a review). A *source* is a table whose rows belong to one
subject; its day columns date the counts.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    `place` leads to the region, "" when there is none: its district (the region itself unless it is a street) is a
    part of `pairs`, the breakdowns by two at once that the rollups hold. They are those with few values, for a pair has
    a row for every value of one with every value of the other.
    """

    name: str
    model: type[Model]
    city: str
    dims: dict[str, str]
    place: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    def district(self, prefix: str = "") -> Combinable:
        """The code of the district, seen from a row whose subject lies behind `prefix`."""
        place = f"{prefix}{self.place}"
        street = Q(**{f"{place}__level": RegionLevel.STREET, f"{place}__parent__isnull": False})
        return Case(When(street, then=F(f"{place}__parent_id")), default=F(f"{place}_id"), output_field=CharField())


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


DISTRICT = "district"
PAIRS = (("kind", "channel"), (DISTRICT, "kind"), (DISTRICT, "channel"))

SUBJECTS = {
    item.name: item
    for item in (
        Subject(
            "ticket",
            Ticket,
            "city_id",
            {"region": "region_id", "kind": "kind", "channel": "channel", "category": "category_id"},
            "region",
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
