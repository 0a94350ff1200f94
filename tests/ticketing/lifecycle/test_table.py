"""Every allowed and every forbidden move, taken from the transition table itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.city import City, build
from ticketing.errors import TicketError
from ticketing.journal.verify import faults
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.engine import Command, act
from ticketing.lifecycle.table import BY_KEY, MOVES, Action, Capacity, Move
from ticketing.models import Ticket, TicketEvent
from ticketing.terms import Status

from .stages import OTHER_DOORS, actor_for, command_for, in_status

ROWS = [move for move in MOVES if move.action not in OTHER_DOORS and move.source is not None]
#: rows that a rule narrows further than the table: the rule's own tests walk them
NARROWED = {
    (Status.TO_CHECK, Action.APPROVE_CLOSE): "only without a call-back",
    (Status.TO_CHECK, Action.SEND_BACK_REDO): "only after a redo",
    (Status.CLOSED, Action.REOPEN_ANSWER): "only without a unit",
}
#: a share action needs the assist's share to be in the right state at that stage
SHARE_ACTIONS = {action for action in Action if action.startswith("share_")} | {Action.CLOSE_SHARE}
AFTER_REPLY = {Status.TO_CHECK, Status.TO_CALL_BACK, Status.REDOING, Status.CLOSED}


def _walkable(move: Move, capacity: Capacity) -> bool:
    """Whether the stage that the tests build has the share that this capacity stands on."""
    if (move.source, move.action) in NARROWED:
        return False
    if move.source in AFTER_REPLY and (
        move.action in SHARE_ACTIONS or capacity in (Capacity.SHARE, Capacity.SHARE_HEAD)
    ):
        return False  # the assist was closed with the lead's reply
    if capacity == Capacity.ABOVE and move.source not in (Status.HANDLING,):
        return False
    if move.action == Action.DELEGATE and capacity != Capacity.LEAD:
        return False  # nobody stands below the assist; the lead's crew has its share already
    unsigned_assist = (Action.CONTACT, Action.ASK_EXTENSION)
    return not (move.action in unsigned_assist and capacity in (Capacity.SHARE, Capacity.SHARE_HEAD))


ALLOWED = [(move, who) for move in ROWS for who in sorted(move.who) if _walkable(move, who)]
FORBIDDEN = [(move, who) for move in ROWS for who in Capacity if who not in move.who and who != Capacity.ABOVE]
NOWHERE = [
    (status, action)
    for status in Status
    for action in Action
    if (status, action) not in BY_KEY and action not in OTHER_DOORS
]


@contextmanager
def undone() -> Iterator[None]:
    """What a step needs to be prepared is taken back after it, so that the next starts from the same ticket."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def stage(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[City, Ticket]]:
    """A city with a ticket in the status of the parameter, walked there once for all moves that start from it.

    What a test does to it is rolled back with the test's own transaction, which lies inside this one.
    """
    with django_db_blocker.unblock(), undone():
        city = build()
        yield city, in_status(city, request.param)


@pytest.mark.parametrize(
    ("stage", "move", "who"),
    [(move.source, move, who) for move, who in ALLOWED],
    indirect=["stage"],
    ids=lambda part: getattr(part, "value", None) or _name(part),
)
def test_allowed(stage: tuple[City, Ticket], db: None, move: Move, who: Capacity) -> None:
    city, ticket = stage
    if move.action == Action.DELEGATE and move.source in (Status.HANDLING, Status.REDOING):
        ticket.assignments.filter(department=city.unit["crew"]).update(status="cancelled")
    command = command_for(city, move.action, ticket, who)
    actor = actor_for(city, who, ticket)
    before = TicketEvent.objects.filter(ticket=ticket).count()
    prepared = _altered(ticket) if who == min(move.who) else set()
    after = act(ticket.pk, command, actor=actor)
    event = TicketEvent.objects.filter(ticket=ticket, seq__gt=before).earliest("seq")
    assert (event.action, event.from_status) == (move.action, move.source)
    assert event.to_status == (move.target or move.source)
    assert after.version == TicketEvent.objects.filter(ticket=ticket).latest("seq").seq
    if who == min(move.who):
        assert _altered(ticket) <= prepared, "what an action writes, its event says"


def _altered(ticket: Ticket) -> set[str]:
    """What verification names: some steps are prepared by hand."""
    return {fault.what for fault in faults(Ticket.objects.filter(pk=ticket.pk))}


@pytest.mark.parametrize("status", Status, ids=str)
def test_forbidden_to_others(city: City, status: Status) -> None:
    ticket = in_status(city, status)
    tried = 0
    for move, who in FORBIDDEN:
        if move.source == status and _plain(move) and not _own_twin(move, who):
            with undone():
                actor = actor_for(city, who, ticket)
                command = command_for(city, move.action, ticket, max(move.who - {Capacity.ABOVE}))
                tried += _refused(ticket, command, actor)
    assert tried or not any(move.source == status for move, _ in FORBIDDEN)


@pytest.mark.parametrize("status", Status, ids=str)
def test_leads_nowhere(city: City, status: Status) -> None:
    ticket = in_status(city, status)
    actors = [actor_for(city, who, ticket) for who in Capacity if who != Capacity.ABOVE]
    tried = 0
    for action in (action for origin, action in NOWHERE if origin == status):
        with undone():
            try:
                command = command_for(city, action, ticket, Capacity.SUPERVISOR)
            except (TicketError, ObjectDoesNotExist):
                continue  # what the command speaks of cannot exist in this status
            if any((status, name) in BY_KEY for name in (command.action, *command.also)):
                continue  # the same command is another row's here
            tried += _refused(ticket, command, *actors)
    assert tried


def _refused(ticket: Ticket, command: Command, *actors: Actor) -> int:
    """Asserts that the command is refused to each of them and that nothing has changed; how many were tried."""
    before = Ticket.objects.values().get(pk=ticket.pk)
    for actor in actors:
        with pytest.raises(TicketError):
            act(ticket.pk, command, actor=actor)
    assert Ticket.objects.values().get(pk=ticket.pk) == before
    return len(actors)


def _own_twin(move: Move, who: Capacity) -> bool:
    """The same command is this capacity's own action on its share."""
    return any(row.source == move.source and row.action in _twins(move) and who in row.who for row in MOVES)


def test_every_status_is_reached_with_a_clean_journal(city: City) -> None:
    for status in Status:
        assert in_status(city, status).status == status
    assert list(faults()) == []


def _plain(move: Move) -> bool:
    try:
        return (move.source, move.action) not in NARROWED and not (
            move.source in AFTER_REPLY and move.action in SHARE_ACTIONS
        )
    except KeyError:
        return False


def _twins(move: Move) -> set[str]:
    from ticketing.lifecycle.actions import COMMANDS

    for command in COMMANDS.values():
        names = (command.action, *command.also)
        if move.action in names:
            return {str(name) for name in names}
    return {str(move.action)}


def _name(part: object) -> str:
    return f"{part.source}-{part.action}" if isinstance(part, Move) else str(part)
