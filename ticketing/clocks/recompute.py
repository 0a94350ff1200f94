"""Every deadline once more, from the journal alone: what the events say must give the clock rows that stand there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ticketing.journal.chain import stamp
from ticketing.models import Clock, Ticket, TicketEvent
from ticketing.terms import ClockState

from .deadlines import due

CHUNK = 500
#: name, share, start, and the how manyth of these it is: a limit may start anew at its old time (triage, urgency)
Key = tuple[str, int | None, str, int]


@dataclass
class Told:
    """A clock as the events tell it."""

    policy: dict[str, object]
    started_at: datetime
    region: str
    state: str = ClockState.RUNNING
    stopped_at: datetime | None = None
    extensions: list[tuple[datetime, int]] = field(default_factory=list)
    pauses: list[tuple[datetime, datetime | None, str]] = field(default_factory=list)
    calendar_version: str = ""


@dataclass(frozen=True)
class Difference:
    number: str
    clock: str
    what: str
    stored: str
    computed: str


def told(ticket: Ticket, events: Iterable[TicketEvent]) -> dict[Key, Told]:
    """All clocks of a ticket, replayed. A clock is known by name, share and start; of two, the later one goes on."""
    found: dict[Key, Told] = {}
    turn: Counter[tuple[str, int | None, str]] = Counter()
    for event in events:
        for record in event.data.get("clocks", []):
            base = (str(record["name"]), record["assignment"], str(record["started_at"]))
            turn[base] += record["op"] == "start"
            key = (*base, turn[base])
            if record["op"] == "start":
                found[key] = Told(record["policy"], _time(record["started_at"]), ticket.city_id)
            clock = found[key]
            _apply(clock, str(record["op"]), record, event.at)
    return found


def _apply(clock: Told, op: str, record: dict[str, object], at: datetime) -> None:
    clock.calendar_version = str(record["calendar_version"])
    stopped = clock.stopped_at
    clock.state = str(record["state"])
    clock.stopped_at = _maybe(record["stopped_at"])
    if op == "pause":
        clock.pauses.append((at, None, ""))
    elif op in ("resume", "stop") and clock.pauses and clock.pauses[-1][1] is None:
        clock.pauses[-1] = (clock.pauses[-1][0], at, "")
    elif op == "reopen" and stopped is not None:
        clock.pauses.append((stopped, at, ""))
    grants = record["extensions"]
    assert isinstance(grants, list)
    clock.extensions = [(_time(grant["at"]), int(grant["working_days"])) for grant in grants]


def _time(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _maybe(text: object) -> datetime | None:
    return _time(text) if text else None


def differences() -> Iterator[Difference]:
    """Compares every stored clock with its replay: existence, state, stop and due time."""
    last = 0
    while chunk := list(Ticket.objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        ids = [ticket.pk for ticket in chunk]
        events: dict[int, list[TicketEvent]] = {pk: [] for pk in ids}
        for event in TicketEvent.objects.filter(ticket_id__in=ids).order_by("ticket_id", "seq"):
            events[event.ticket_id].append(event)
        clocks: dict[int, list[Clock]] = {pk: [] for pk in ids}
        for clock in Clock.objects.filter(ticket_id__in=ids):
            clocks[clock.ticket_id].append(clock)
        for ticket in chunk:
            yield from compare(ticket, events[ticket.pk], clocks[ticket.pk])


def compare(ticket: Ticket, events: list[TicketEvent], clocks: list[Clock]) -> Iterator[Difference]:
    """The differences of one ticket."""
    expected = told(ticket, events)
    turn: Counter[tuple[str, int | None, str]] = Counter()
    for clock in sorted(clocks, key=lambda clock: clock.pk):
        base = (str(clock.name), clock.assignment_id, str(stamp(clock.started_at)))
        turn[base] += 1
        one = expected.pop((*base, turn[base]), None)
        if one is None:
            yield Difference(ticket.number, clock.name, "clock", "stands in the table", "no event tells of it")
            continue
        yield from _compare(ticket, clock, one)
    for name, *_ in expected:
        yield Difference(ticket.number, name, "clock", "missing", "an event tells of it")


def _compare(ticket: Ticket, clock: Clock, one: Told) -> Iterator[Difference]:
    if clock.state != one.state:
        yield Difference(ticket.number, clock.name, "state", clock.state, one.state)
    if clock.stopped_at != one.stopped_at:
        yield Difference(ticket.number, clock.name, "stopped_at", str(clock.stopped_at), str(one.stopped_at))
    if clock.state == ClockState.UNKNOWN:
        return
    if clock.policy != one.policy:
        yield Difference(ticket.number, clock.name, "policy", str(clock.policy), str(one.policy))
    computed = due(one.policy, one.started_at, region=one.region, pauses=one.pauses, extensions=one.extensions)
    if computed.due_at != clock.due_at and not (clock.provisional and clock.stopped_at is not None):
        yield Difference(ticket.number, clock.name, "due_at", str(clock.due_at), str(computed.due_at))
