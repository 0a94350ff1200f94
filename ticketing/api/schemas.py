"""What goes over the wire, both ways. Fields that are not listed are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db import models
from ninja import Schema
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from ticketing.terms import Channel, Kind, Status, Urgency


def _one_of(choices: type[models.TextChoices]) -> AfterValidator:
    """Accepts the codes of an enumeration, and says so in the document."""

    codes = dict.fromkeys(choices.values)

    def check(text: str) -> str:
        if text not in codes:
            raise ValueError(f"accepted are {', '.join(codes)}")
        return text

    return AfterValidator(check)


def _listed(choices: type[models.TextChoices]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [str(value) for value in choices.values]})


KindCode = Annotated[str, _one_of(Kind), _listed(Kind)]
UrgencyCode = Annotated[str, _one_of(Urgency), _listed(Urgency)]
StatusCode = Annotated[str, _one_of(Status), _listed(Status)]
ChannelCode = Annotated[str, _one_of(Channel), _listed(Channel)]


class Problem(Schema):
    """A refusal: a stable code, a sentence, whether the same request may succeed later, and facts about it."""

    code: str
    message: str
    retry: bool = False
    facts: dict[str, Any] = {}


class Incoming(BaseModel):
    """What comes in is plain JSON, checked once: ninja's `Schema` would read it again as if it were rows."""

    model_config = ConfigDict(extra="forbid")


class PersonIn(Incoming):
    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=20, description="5 to 15 digits")
    address: str = Field("", max_length=200)
    id_number: str = Field("", max_length=30)
    email: str = Field("", max_length=120)


class TicketIn(Incoming):
    """A matter. `external_id` is your number for it; within the key's channel and source it is accepted once."""

    body: str = Field(min_length=2, max_length=20_000)
    title: str = Field("", max_length=200)
    external_id: str | None = Field(None, min_length=1, max_length=120)
    kind: KindCode | None = None
    category: str | None = Field(None, max_length=20, description="code of a category")
    urgency: UrgencyCode | None = None
    region: str | None = Field(None, max_length=12, description="GB/T 2260 code")
    place: str = Field("", max_length=300)
    enterprise: str = Field("", max_length=200)
    confidential: bool = False
    anonymous: bool = False
    wants_callback: bool = True
    publishable: bool = False
    person: PersonIn | None = None


class Created(Schema):
    """The ticket; `query_code` is told once, with the request that made it."""

    number: str
    status: StatusCode
    new: bool
    query_code: str = ""


class ClockOut(Schema):
    name: str
    state: str
    started_at: datetime
    due_at: datetime | None
    explanation: list[str]


class TicketOut(Schema):
    """A ticket without its citizen."""

    number: str
    external_id: str | None
    source: str = Field(description="whose number `external_id` is: a key's source, or empty")
    channel: ChannelCode
    status: StatusCode
    kind: str
    category: str | None
    urgency: UrgencyCode
    region: str | None
    title: str
    place: str
    lead: str | None
    due_at: datetime | None
    late: bool
    version: int
    created_at: datetime
    dispatched_at: datetime | None
    signed_at: datetime | None
    replied_at: datetime | None
    closed_at: datetime | None
    public_answer: str


class TicketDetail(TicketOut):
    body: str
    clocks: list[ClockOut]
    actions: list[str] = Field(description="what this key may do with the ticket now")


class Page(Schema):
    items: list[TicketOut]
    next: str | None = Field(description="pass as `cursor` to go on; null at the end")


class ActionIn(Incoming):
    """`version`: the journal position you looked at; a later change is answered with 409 `changed`."""

    version: int | None = Field(None, ge=1, le=2_000_000_000)
    parameters: dict[str, Any] = {}


class EventOut(Schema):
    """One step of a ticket. `id` is a place in the feed, opaque and increasing in the order of delivery."""

    id: str
    number: str
    seq: int
    action: str
    from_status: str
    status: str
    at: datetime


class Events(Schema):
    items: list[EventOut]
    next: str = Field(description="pass as `since` next time, also when there was nothing")
