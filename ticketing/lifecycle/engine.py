"""Carrying out actions: lock, check, decide, write; one transaction for one ticket or for many."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

from django.db import connection
from django.utils import timezone

from ticketing.errors import MoveNotAllowed, NotYours, TicketChanged, TicketError, TicketNotFound
from ticketing.models import Assignment, Clock, Ticket, TicketEvent
from ticketing.terms import CLOCK_OPEN, Status
from ticketing.writing import writing

from .actors import Actor
from .case import Case, write
from .table import Action, Capacity, find


@dataclass(frozen=True, kw_only=True)
class Command(ABC):
    """One action with its particulars. Subclasses are the verbs of the trade; `decide` changes the case or refuses."""

    #: the verb; a command that becomes one of several table rows (a share's sign, a redo's) chooses in `decide`
    action: ClassVar[Action]
    #: other rows of the table that the same command may become
    also: ClassVar[tuple[Action, ...]] = ()

    @abstractmethod
    def decide(self, case: Case) -> None:
        """Changes the case, or raises a `TicketError` before anything was changed."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The particulars' names."""
        return tuple(item.name for item in fields(cls))


@dataclass(frozen=True)
class Outcome:
    """What became of one ticket in a batch: the ticket as it is now, or the refusal."""

    ticket_id: int
    ticket: Ticket | None = None
    error: TicketError | None = None


def act(
    ticket_id: int, command: Command, *, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Ticket:
    """Carries out `command` on one ticket in its own transaction and returns the ticket.

    `version`: the journal position the actor was looking at; when somebody acted since, `TicketChanged` says who and
    what. Raises `TicketNotFound`, `NotYours`, `MoveNotAllowed`, `RuleBroken` or `BadInput`; then nothing was changed.
    """
    outcome = act_many([ticket_id], command, actor=actor, versions={ticket_id: version} if version else None, now=now)[
        0
    ]
    if outcome.error is not None:
        raise outcome.error
    assert outcome.ticket is not None
    return outcome.ticket


def act_many(
    ticket_ids: Iterable[int],
    command: Command,
    *,
    actor: Actor,
    versions: dict[int, int | None] | None = None,
    now: datetime | None = None,
    skip_locked: bool = False,
) -> list[Outcome]:
    """Carries out `command` on many tickets in one transaction, locked in id order.

    Each ticket is decided by itself: a refusal stands in its `Outcome` and holds nobody else up. `skip_locked` leaves
    out tickets that somebody else is changing (timers come again).
    """
    wanted = sorted(set(ticket_ids))
    moment = now or timezone.now()
    with writing():
        cases = load(wanted, actor, moment, skip_locked=skip_locked)
        refused: dict[int, TicketError] = {}
        decided: list[Case] = []
        for pk in wanted:
            case = cases.get(pk)
            if case is None:
                if not skip_locked:
                    refused[pk] = TicketNotFound("没有这张工单")
                continue
            try:
                _decide(case, command, (versions or {}).get(pk))
            except TicketError as error:
                refused[pk] = error
            else:
                if case.events:
                    decided.append(case)
        write(decided)
    return [
        Outcome(pk, None if pk in refused else cases[pk].ticket, refused.get(pk))
        for pk in wanted
        if pk in refused or pk in cases
    ]


def _decide(case: Case, command: Command, version: int | None) -> None:
    held = case.capacities()
    if not held:
        raise TicketNotFound("没有这张工单")
    if version is not None and version != case.ticket.version:
        raise _changed(case.ticket, version)
    actions = (command.action, *command.also)
    rows = [row for action in actions if (row := find(case.ticket.status, action))]
    if rows and not any(row.who & held for row in rows):
        raise NotYours(f"您不能对这张工单“{command.action.label}”", action=str(command.action))
    if not rows:
        raise _wrong_status(case.ticket, command.action)
    command.decide(case)
    for event in case.events:
        _check_right(event.action, event.from_status, held)


def _check_right(action: Action, status: str, held: frozenset[Capacity]) -> None:
    row = find(status or None, action)
    if row is None or not row.who & held:
        raise NotYours(f"您不能对这张工单“{action.label}”", action=str(action))


def _latest(ticket: Ticket) -> str:
    """`张三 已于 09月01日 10:00 “派单”`: the last step in words."""
    event = TicketEvent.objects.filter(ticket=ticket).select_related("staff").order_by("-seq").first()
    if event is None:
        return "工单刚刚登记"
    who = str(event.staff) if event.staff else {"citizen": "群众", "system": "系统"}.get(event.actor_kind, event.origin)
    return f"{who} 已于 {timezone.localtime(event.at):%m月%d日 %H:%M} “{Action(event.action).label}”"


def _changed(ticket: Ticket, version: int) -> TicketChanged:
    return TicketChanged(f"{_latest(ticket)}，请刷新后再操作", version=ticket.version, seen=version)


def _wrong_status(ticket: Ticket, action: Action) -> MoveNotAllowed:
    return MoveNotAllowed(
        f"{_latest(ticket)}；工单当前为“{Status(ticket.status).label}”，不能“{action.label}”",
        status=ticket.status,
        action=str(action),
    )


def load(ticket_ids: Sequence[int], actor: Actor, now: datetime, *, skip_locked: bool = False) -> dict[int, Case]:
    """Locks the tickets in id order and loads their shares and open clocks: three statements for any number."""
    rows = Ticket.objects.filter(pk__in=ticket_ids).order_by("pk")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(
            skip_locked=skip_locked and connection.features.has_select_for_update_skip_locked, of=("self",)
        )
    cases = {ticket.pk: Case(ticket, actor, now) for ticket in rows}
    shares: dict[int, Assignment] = {}
    for share in Assignment.objects.filter(ticket_id__in=list(cases)).order_by("pk"):
        shares[share.pk] = share
        case = cases[share.ticket_id]
        share.ticket = case.ticket
        case.assignments.append(share)
    for clock in Clock.objects.filter(ticket_id__in=list(cases), state__in=list(CLOCK_OPEN)).order_by("pk"):
        case = cases[clock.ticket_id]
        clock.ticket = case.ticket
        clock.assignment = shares[clock.assignment_id] if clock.assignment_id else None
        case.clocks.append(clock)
    return cases
