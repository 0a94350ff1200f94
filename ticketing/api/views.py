"""The operations of `/api/v1`."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, NinjaAPI, Path, Query
from ninja.errors import AuthenticationError, HttpError, ValidationError

from directory.models import Category
from ticketing.errors import BadInput, TicketError
from ticketing.intake.accept import Accepted, accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actions import COMMANDS
from ticketing.lifecycle.capacities import capacities
from ticketing.lifecycle.engine import act
from ticketing.lifecycle.table import allowed
from ticketing.models import ApiKey, SeenRequest, Ticket
from ticketing.privacy.identity import Person
from ticketing.terms import Status
from ticketing.visibility import get, visible

from . import feed, parsing
from .keys import KeyAuth, TooMany, actor_of
from .schemas import (
    ActionIn,
    ClockOut,
    Created,
    EventOut,
    Events,
    Page,
    Problem,
    StatusCode,
    TicketDetail,
    TicketIn,
    TicketOut,
)

REFUSALS = {401: Problem, 403: Problem, 429: Problem}
WRONG = {400: Problem, 422: Problem}
Number = Annotated[str, Path(pattern=r"^[0-9]{18}$", description="the ticket's 18 digits")]

api = NinjaAPI(
    title="12345 hotline",
    version="1",
    auth=KeyAuth(),
    docs_url=None,
    description="Create, read, list and act on tickets, and follow their events. See docs/api.md.",
    urls_namespace="api",
)


class NoScope(Exception):
    """The key lacks a scope."""


def _key(request: HttpRequest, scope: str) -> ApiKey:
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    if scope not in key.scopes:
        raise NoScope(scope)
    return key


@api.post(
    "/tickets", response={200: Created, 201: Created, 409: Problem, **WRONG, **REFUSALS}, summary="Create a ticket"
)
def create(
    request: HttpRequest,
    body: TicketIn,
    idempotency_key: Annotated[str | None, Header(max_length=120, pattern=r"^[!-~]+$")] = None,
) -> HttpResponse:
    """Accepts a matter. 201 for a new ticket; 200 when the same idempotency key or external id was accepted before."""
    key = _key(request, "create")
    digest = ""
    if idempotency_key:
        digest = hashlib.sha256(json.dumps(body.model_dump(), sort_keys=True, default=str).encode()).hexdigest()
        seen = SeenRequest.objects.filter(api_key=key, key=idempotency_key).select_related("ticket").first()
        if seen:
            return _created(request, _again(seen, digest))
    actor = actor_of(key)
    accepted = accept(_report(key, body, idempotency_key), actor=actor)
    if not accepted.new and not capacities(actor, accepted.ticket, ()):
        raise NumberTaken("这个编号在本渠道、本来源已用于另一地的诉求")
    if idempotency_key:
        _remember(key, idempotency_key, digest, accepted)
    return _created(request, accepted)


def _created(request: HttpRequest, accepted: Accepted) -> HttpResponse:
    """The answer in the form of `Created`; written here because the busiest request need not be checked twice."""
    ticket = accepted.ticket
    answer = {
        "number": ticket.number,
        "status": str(ticket.status),
        "new": accepted.new,
        "query_code": accepted.query_code,
    }
    return api.create_response(request, answer, status=201 if accepted.new else 200)


def _again(seen: SeenRequest, digest: str) -> Accepted:
    if seen.body_hash != digest:
        raise KeyReused("这个幂等键已用于另一份内容")
    return Accepted(seen.ticket, False)


class NumberTaken(TicketError):
    """The external id is another city's; nothing of its ticket is told."""

    code = "external_id_taken"


class KeyReused(TicketError):
    """An idempotency key came again with other content."""

    code = "key_reused"


def _remember(key: ApiKey, name: str, digest: str, accepted: Accepted) -> None:
    try:
        SeenRequest.objects.create(
            api_key=key, key=name, body_hash=digest, ticket=accepted.ticket, created_at=timezone.now()
        )
    except IntegrityError:
        return  # the same request ran twice at once; both made the same ticket, by its external id


def _report(key: ApiKey, body: TicketIn, idempotency_key: str | None) -> Report:
    """Without a number of its own the idempotency key is the external id: a repeat cannot make a second ticket."""
    facts = {
        name: value for name, value in body if value is not None and name not in ("person", "category")
    }  # a model iterates over its fields
    if body.category:
        category = Category.objects.filter(code=_clean("category", body.category), active=True).first()
        if category is None:
            raise BadInput("category", f"“category”不是启用的分类代码：{body.category}")
        facts["category"] = category.pk
    if not body.external_id and idempotency_key:
        facts["external_id"] = f"{key.prefix}:{idempotency_key}"[:120]
    person = Person(**dict(body.person)) if body.person else Person()
    return Report(channel=key.channel, source=key.source, city=key.region_id, person=person, **facts)


@api.get("/tickets", response={200: Page, **WRONG, **REFUSALS}, summary="List tickets, newest first")
def listing(
    request: HttpRequest,
    status: Annotated[StatusCode | None, Query()] = None,
    external_id: Annotated[str | None, Query(max_length=120)] = None,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page:
    key = _key(request, "read")
    rows = visible(actor_of(key)).select_related("category", "lead").defer("body").order_by("-pk")
    if status:
        rows = rows.filter(status=status)
    if external_id:
        rows = rows.filter(external_id=_clean("external_id", external_id))
    if cursor:
        rows = rows.filter(pk__lt=int(cursor))
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return Page(items=[_out(ticket) for ticket in found[:limit]], next=str(found[limit - 1].pk) if more else None)


def _clean(name: str, text: str) -> str:
    if "\x00" in text:
        raise BadInput(name, f"“{name}”中有不可用的控制字符")
    return text


def _out(ticket: Ticket) -> TicketOut:
    return TicketOut(**_facts(ticket))


def _facts(ticket: Ticket) -> dict[str, Any]:
    names = [
        "number",
        "external_id",
        "source",
        "channel",
        "status",
        "kind",
        "urgency",
        "title",
        "place",
        "due_at",
        "late",
        "version",
        "created_at",
        "dispatched_at",
        "signed_at",
        "replied_at",
        "closed_at",
    ]
    facts = {name: getattr(ticket, name) for name in names}
    facts["region"] = ticket.region_id
    facts["category"] = ticket.category.code if ticket.category else None
    facts["lead"] = ticket.lead.name if ticket.lead else None
    facts["public_answer"] = ticket.public_answer if ticket.status not in (Status.TO_CHECK,) else ""
    return facts


@api.get("/tickets/{number}", response={200: TicketDetail, 404: Problem, **WRONG, **REFUSALS}, summary="Read a ticket")
def read(request: HttpRequest, number: Number) -> TicketDetail:
    key = _key(request, "read")
    return _detail(key, get(actor_of(key), number))


def _detail(key: ApiKey, ticket: Ticket) -> TicketDetail:
    held = capacities(actor_of(key), ticket, ())
    clocks = [
        ClockOut(
            name=clock.name,
            state=clock.state,
            started_at=clock.started_at,
            due_at=clock.due_at,
            explanation=clock.explanation,
        )
        for clock in ticket.clocks.order_by("pk")
    ]
    actions = sorted({str(move.action) for move in allowed(ticket.status, held) if str(move.action) in COMMANDS})
    return TicketDetail(**_facts(ticket), body=ticket.body, clocks=clocks, actions=actions)


@api.post(
    "/tickets/{number}/actions/{action}",
    response={200: TicketDetail, 404: Problem, 409: Problem, **WRONG, **REFUSALS},
    summary="Act on a ticket",
)
def act_on(
    request: HttpRequest, number: Number, action: Annotated[str, Path(pattern=r"^[a-z_0-9]{1,40}$")], body: ActionIn
) -> TicketDetail:
    key = _key(request, "act")
    actor = actor_of(key)
    ticket = get(actor, number)
    command = parsing.command(action, body.parameters)
    act(ticket.pk, command, actor=actor, version=body.version)
    return _detail(key, get(actor, number))


@api.get("/events", response={200: Events, **WRONG, **REFUSALS}, summary="Events since a place in the feed")
def events(
    request: HttpRequest,
    since: Annotated[str, Query(max_length=40, pattern=r"^([0-9]{1,19}-[0-9]{1,19})?$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Events:
    key = _key(request, "events")
    found, place = feed.since(actor_of(key), since, limit)
    items = [
        EventOut(
            id=feed.place_of(entry),
            number=entry.payload["number"],
            seq=entry.payload["seq"],
            action=entry.payload["action"],
            from_status=entry.payload["from"],
            status=entry.payload["status"],
            at=entry.event.at if entry.event else entry.created_at,
        )
        for entry in found
    ]
    return Events(items=items, next=place)


def _problem(request: HttpRequest, status: int, code: str, message: str, **more: object) -> HttpResponse:
    facts = more.pop("facts", {})
    return api.create_response(
        request, {"code": code, "message": message, "retry": False, "facts": facts} | more, status=status
    )


@api.exception_handler(TicketError)
def _refused(request: HttpRequest, error: TicketError) -> HttpResponse:
    return _problem(request, error.status, error.code, str(error), retry=error.retry, facts=error.facts)


@api.exception_handler(NoScope)
def _no_scope(request: HttpRequest, error: NoScope) -> HttpResponse:
    return _problem(request, 403, "scope", f"密钥没有权限：{error}", facts={"scope": str(error)})


@api.exception_handler(AuthenticationError)
def _unknown_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = _problem(request, 401, "key", "需要有效的接口密钥：Authorization: Bearer …")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(TooMany)
def _too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    response = _problem(request, 429, "rate", "请求过于频繁", retry=True, facts={"seconds": error.seconds})
    response.headers["Retry-After"] = str(error.seconds)
    return response


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The body is no JSON, or larger than what is read."""
    return _problem(request, error.status_code, "unreadable", "请求内容不是可以读取的 JSON")


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return _unreadable(request, HttpError(400, ""))


@api.exception_handler(ValidationError)
def _wrong_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first: dict[str, Any] = error.errors[0] if error.errors else {}
    where = ".".join(str(part) for part in first.get("loc", ()))
    return _problem(request, 422, "bad_input", f"{where}：{first.get('msg', '')}", facts={"field": where})
