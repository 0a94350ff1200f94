"""A case: one ticket under the lock, the changes decided for it, and how they are written.

An action decides on a `Case` in memory and writes nothing; `write` then stores many cases with a handful of statements:
assignments, clocks, other rows, ticket columns, journal, outbox. So every action has a batch form for free, and one
that is refused has changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.utils import timezone

from ticketing.errors import MoveNotAllowed
from ticketing.hot import insert, insert_once, renew_links
from ticketing.journal import chain, rows
from ticketing.measures_basic import working_day_of_answer
from ticketing.models import Assignment, Clock, Notice, OutboxEntry, Ticket, TicketEvent
from ticketing.outbox import topics
from ticketing.outbox.publish import publish
from ticketing.terms import ASSIGNMENT_OPEN, CLOCK_OPEN, ClockState, Status

from .actors import Actor
from .capacities import capacities, is_lead
from .table import Action, Capacity, Move, find

#: what the journal says of a clock at each change
CLOCK_FACTS = ("state", "started_at", "due_at", "stopped_at", "extensions", "calendar_version")


@dataclass
class Event:
    """What the journal will say about one action on a case."""

    action: Action
    from_status: str
    to_status: str
    at: datetime
    actor: Actor
    reason: str = ""
    assignment: Assignment | None = None
    department_id: int | None = None
    facts: dict[str, object] = field(default_factory=dict)
    clocks: list[tuple[Clock, dict[str, object]]] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)


class Case:
    """One locked ticket with its shares and open clocks, at one moment, for one actor."""

    def __init__(
        self,
        ticket: Ticket,
        actor: Actor,
        now: datetime,
        assignments: Iterable[Assignment] = (),
        clocks: Iterable[Clock] = (),
    ) -> None:
        self.ticket = ticket
        self.actor = actor
        self.now = now
        self.assignments = list(assignments)
        self.clocks = list(clocks)
        self.events: list[Event] = []
        self.new_rows: list[models.Model] = []
        self.changed_rows: dict[int, tuple[models.Model, set[str]]] = {}
        self.changed: set[str] = set()
        self.notices: list[Notice] = []
        self.is_new = ticket.pk is None

    # --- asking

    @property
    def status(self) -> str:
        return self.ticket.status

    @property
    def event(self) -> Event:
        """The action being decided."""
        return self.events[-1]

    def capacities(self) -> frozenset[Capacity]:
        return capacities(self.actor, self.ticket, self.assignments)

    @property
    def lead(self) -> Assignment | None:
        """The share that answers for the ticket, if a unit has it."""
        return next((a for a in reversed(self.assignments) if is_lead(a)), None)

    def open_shares(self) -> list[Assignment]:
        return [a for a in self.assignments if a.status in ASSIGNMENT_OPEN]

    def own_share(self, assignment_id: int | None = None) -> Assignment | None:
        """The acting unit's share: the named one, else the lead, else the newest open one."""
        units = self.actor.standing.departments if self.actor.standing else frozenset()
        mine = [a for a in self.open_shares() if a.department_id in units]
        if assignment_id is not None:
            return next((a for a in mine if a.pk == assignment_id), None)
        return next((a for a in mine if is_lead(a)), mine[-1] if mine else None)

    def clock(self, name: str, assignment: Assignment | None = None) -> Clock | None:
        """The open clock of that name for the share (None: the ticket's own)."""
        for clock in self.clocks:
            if clock.name == name and clock.assignment is assignment and clock.state in CLOCK_OPEN:
                return clock
        return None

    # --- deciding

    def begin(self, action: Action, *, reason: str = "") -> Move:
        """Starts an action: finds its row in the table or refuses; a row with a target moves the ticket."""
        move = find(None if self.is_new and not self.events else self.ticket.status, action)
        if move is None:
            raise MoveNotAllowed(
                f"工单当前为“{Status(self.ticket.status).label}”，不能“{action.label}”",
                status=self.ticket.status,
                action=str(action),
            )
        before = "" if self.is_new and not self.events else self.ticket.status
        target = str(move.target or self.ticket.status)
        self.events.append(Event(action, before, target, self.now, self.actor, reason))
        if target != self.ticket.status or self.is_new:
            self.ticket.status = target
            self._note_columns({"status"})
        return move

    def put(self, **columns: object) -> None:
        """Changes ticket columns; journalled ones are named in the event."""
        if "status" in columns:
            raise AssertionError("the status changes through the transition table only")
        for name, content in columns.items():
            setattr(self.ticket, name, content)
        self._note_columns({self.ticket._meta.get_field(name).attname for name in columns})  # type: ignore[union-attr]

    def _note_columns(self, names: set[str]) -> None:
        self.changed |= names
        if self.events:
            self.event.columns |= names

    def change(self, row: models.Model, **columns: object) -> None:
        """Changes another row of the case (a share, a request, a clock)."""
        for name, content in columns.items():
            setattr(row, name, content)
        if row.pk is not None:
            known = self.changed_rows.setdefault(id(row), (row, set()))
            known[1].update(columns)

    def written(self, row: models.Model) -> None:
        """A row that the caller changes itself in this transaction: the journal names it as it stands now."""
        self.changed_rows.setdefault(id(row), (row, set()))

    def add(self, row: models.Model) -> None:
        """A new row that goes in with this action."""
        self.new_rows.append(row)

    def assign(self, assignment: Assignment) -> None:
        self.assignments.append(assignment)
        self.new_rows.append(assignment)

    def fact(self, **facts: object) -> None:
        """Details for the journal. No personal data."""
        self.event.facts.update({name: chain.value(content) for name, content in facts.items()})

    def note_clock(self, op: str, clock: Clock) -> None:
        """The journal will tell what happened to the clock, as it stands now."""
        record: dict[str, object] = {"op": op, "name": str(clock.name)}
        record |= {name: chain.value(getattr(clock, name)) for name in CLOCK_FACTS}
        if op == "start":
            record["policy"] = clock.policy
        self.event.clocks.append((clock, record))

    def tell(self, notice: Notice) -> None:
        if not self.ticket.history:
            self.notices.append(notice)


def current_due(case: Case) -> tuple[datetime | None, str, bool]:
    """The soonest due date among the ticket's own clocks and its lead's, its name, and whether it has passed."""
    lead = case.lead
    running = [
        clock
        for clock in case.clocks
        if clock.state == ClockState.RUNNING
        and clock.due_at is not None
        and (clock.assignment is None or clock.assignment is lead)
    ]
    if not running:
        return None, "", False
    soonest = min(running, key=lambda clock: (clock.due_at, clock.name))
    return soonest.due_at, soonest.name, any(clock.breached_at is not None for clock in running)


def _answered_in(ticket: Ticket) -> int | None:
    if ticket.replied_at is None:
        return None
    return working_day_of_answer(ticket.created_at, ticket.replied_at, ticket.city_id)


def write(cases: Sequence[Case]) -> None:
    """Stores everything decided on `cases`. Runs inside the caller's transaction, tickets locked."""
    for case in cases:
        if "replied_at" in case.changed or (case.is_new and case.ticket.replied_at):
            case.ticket.answered_in_days = _answered_in(case.ticket)
            case.changed.add("answered_in_days")
        due_at, name, late = current_due(case)
        for column, content in (("due_at", due_at), ("due_clock", name), ("late", late)):
            if getattr(case.ticket, column) != content:
                setattr(case.ticket, column, content)
                case.changed.add(column)
    # a ticket without a share needs no id for its first event: it goes in with its journal's head, in one statement
    plain = {id(case) for case in cases if case.is_new and not any(isinstance(r, Assignment) for r in case.new_rows)}
    early = {id(case): _events(case) for case in cases if id(case) in plain}
    _insert(Ticket, [case.ticket for case in cases if case.is_new])
    _update_rows(cases)  # first what ends: a clock or a share may begin anew in the same action
    _insert_rows(cases)
    events = [event for case in cases for event in early.get(id(case)) or _events(case)]
    for event in events:
        renew_links(event)
    _update_tickets([case for case in cases if id(case) not in plain])
    _insert(TicketEvent, events)
    publish([_entry(case, event) for case, event in _paired(cases, events)])
    notices = [notice for case in cases for notice in case.notices]
    if len(notices) == 1:
        insert_once(notices[0])
    elif notices:
        Notice.objects.bulk_create(notices, ignore_conflicts=True)


def _insert(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    if len(rows) == 1:
        insert(rows[0])
    elif rows:
        model._default_manager.bulk_create(rows)


def _insert_rows(cases: Sequence[Case]) -> None:
    """New rows by model; shares before clocks (which name them), parents before children."""
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for case in cases:
        for row in case.new_rows:
            renew_links(row)
            by_model.setdefault(type(row), []).append(row)
    first = by_model.pop(Assignment, [])
    if first:
        _insert(Assignment, first)
    for model, found in by_model.items():
        for row in found:
            renew_links(row)
        _insert(model, found)


def _update_rows(cases: Sequence[Case]) -> None:
    grouped: dict[tuple[type[models.Model], frozenset[str]], list[models.Model]] = {}
    for case in cases:
        for row, columns in case.changed_rows.values():
            if not columns:
                continue
            grouped.setdefault((type(row), frozenset(columns)), []).append(row)
    for (model, names), changed in grouped.items():
        if len(changed) == 1:
            changed[0].save(update_fields=names)
        else:
            model._default_manager.bulk_update(changed, sorted(names), batch_size=200)


def _events(case: Case) -> list[TicketEvent]:
    """The case's events, numbered and chained; the ticket's head moves along."""
    ticket = case.ticket
    found = []
    last = len(case.events) - 1
    for index, event in enumerate(case.events):
        names = event.columns if index < last else event.columns | case.changed
        if case.is_new and index == 0:
            names = names | set(chain.REPLAYED) | set(chain.DIGESTED)
        data: dict[str, object] = dict(event.facts)
        data["set"] = chain.replayed(ticket, names) | {"status": event.to_status}
        data |= row_data(case, index == last)
        if event.clocks:
            data["clocks"] = [
                record | {"assignment": clock.assignment.pk if clock.assignment else None}
                for clock, record in event.clocks
            ]
        row = TicketEvent(
            ticket=ticket,
            seq=ticket.version + 1,
            action=event.action,
            from_status=event.from_status,
            to_status=event.to_status,
            at=event.at,
            actor_kind=event.actor.kind,
            staff_id=event.actor.staff_id,
            for_staff_id=_for_staff(event),
            department_id=event.department_id or (event.assignment.department_id if event.assignment else None),
            assignment_id=event.assignment.pk if event.assignment else None,
            origin=event.actor.origin,
            reason=event.reason,
            data=data,
        )
        row.mac = chain.code(row, ticket.head_mac)
        ticket.version, ticket.head_mac = row.seq, row.mac
        found.append(row)
    case.changed |= {"version", "head_mac"}
    return found


def row_data(case: Case, last: bool) -> dict[str, object]:
    """What the event says of the rows beside the ticket; the last of an action names what all of them wrote."""
    return {"rows": _row_digests(case) if last else []}


def _row_digests(case: Case) -> list[rows.Record]:
    """The rows that this write stores, as they will stand there."""
    found = [rows.record(row, new=True) for row in case.new_rows if rows.journalled(row)]
    changed = (row for row, _ in case.changed_rows.values())
    found += [rows.record(row, new=False) for row in changed if rows.journalled(row)]
    messages = {notice.key: notice for notice in reversed(case.notices)}  # of two with one key the first goes in
    return found + [rows.record(notice, new=True) for notice in messages.values()]


def _for_staff(event: Event) -> int | None:
    if event.assignment is None or event.actor.standing is None:
        return None
    return event.actor.standing.acting_for(event.assignment.department_id)


def _update_tickets(cases: Sequence[Case]) -> None:
    if len(cases) == 1:
        cases[0].ticket.save(update_fields=sorted(cases[0].changed))
        return
    columns: set[str] = set().union(*(case.changed for case in cases))
    if columns:
        names = [Ticket._meta.get_field(_field_name(name)).name for name in sorted(columns)]
        Ticket.objects.bulk_update([case.ticket for case in cases], names, batch_size=100)


def _field_name(attname: str) -> str:
    return next(f.name for f in Ticket._meta.concrete_fields if attname in (f.attname, f.name))


def _paired(cases: Sequence[Case], events: Sequence[TicketEvent]) -> list[tuple[Case, TicketEvent]]:
    by_ticket = {case.ticket.pk: case for case in cases}
    return [(by_ticket[event.ticket_id], event) for event in events]


def _entry(case: Case, event: TicketEvent) -> OutboxEntry:
    units = sorted({a.department_id for a in case.assignments})
    return OutboxEntry(
        topic=topics.TICKET,
        key=str(case.ticket.pk),
        ticket=case.ticket,
        event=event,
        payload={
            "action": event.action,
            "seq": event.seq,
            "mac": event.mac,
            "from": event.from_status,
            "status": event.to_status,
            "number": case.ticket.number,
            "city": case.ticket.city_id,
            "region": case.ticket.region_id,
            "units": units,
            "by": event.staff_id,
        },
        created_at=timezone.now(),  # when it was written, not when it happened: history is news to the listeners
    )
