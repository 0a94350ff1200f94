"""审核并派单: triage and dispatch as one decision of the dispatcher, one ticket or many."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ticketing.errors import TicketChanged, TicketError
from ticketing.lifecycle.actions.dispatching import Dispatch
from ticketing.lifecycle.actions.triage import Triage
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.engine import Command, Outcome, act, act_many
from ticketing.models import Ticket
from ticketing.terms import Status


def triage_and_dispatch(
    ticket: Ticket,
    triage: Command,
    dispatch: Command,
    *,
    actor: Actor,
    version: int | None,
    now: datetime | None = None,
) -> Ticket:
    """Both or neither: when the unit is refused, the ticket still waits for triage. Raises what `act` raises."""
    with transaction.atomic():
        reviewed = act(ticket.pk, triage, actor=actor, version=version, now=now)
        return act(ticket.pk, dispatch, actor=actor, version=reviewed.version, now=now)


def dispatch_many(ids: Iterable[int], dispatch: Command, *, actor: Actor) -> list[Outcome]:
    """Bulk dispatch; each ticket by itself. One still waiting for triage is refused with a word on it."""
    wanted = list(ids)
    fresh = set(Ticket.objects.filter(pk__in=wanted, status=Status.NEW).values_list("pk", flat=True))
    outcomes = act_many([pk for pk in wanted if pk not in fresh], dispatch, actor=actor)
    waiting = [Outcome(pk, None, TicketError("尚未审核，请先审核")) for pk in sorted(fresh)]
    return sorted([*outcomes, *waiting], key=lambda outcome: outcome.ticket_id)


def dispatch_by_proposals(ids: Iterable[int], *, actor: Actor) -> list[Outcome]:
    """A dispatcher takes over the machine's proposals of the chosen tickets; what has none is refused."""
    outcomes = []
    for ticket in Ticket.objects.filter(pk__in=list(ids)).order_by("pk"):
        try:
            outcomes.append(Outcome(ticket.pk, _by_proposal(ticket, actor)))
        except TicketError as error:
            outcomes.append(Outcome(ticket.pk, None, error))
    return outcomes


def accept_proposal(ticket: Ticket, *, actor: Actor, version: int | None) -> Ticket:
    """The proposal as the dispatcher read it at that `version` of the ticket. Raises `TicketChanged` and what `act`
    raises."""
    if version is not None and ticket.version != version:
        raise TicketChanged("这张工单刚刚有变动，请核对后再采纳")
    return _by_proposal(ticket, actor)


def _by_proposal(ticket: Ticket, actor: Actor) -> Ticket:
    plan = ticket.proposal
    if not plan.get("department"):
        raise TicketError("系统没有建议承办单位")
    dispatch = Dispatch(lead=int(plan["department"]), assists=tuple(plan.get("assists", ())))
    if ticket.status != Status.NEW:
        return act(ticket.pk, dispatch, actor=actor, version=ticket.version)
    category = plan.get("category")
    triage = Triage(
        kind=ticket.kind or str(plan.get("kind") or ""), category=int(category) if category else ticket.category_id
    )
    return triage_and_dispatch(ticket, triage, dispatch, actor=actor, version=ticket.version)
