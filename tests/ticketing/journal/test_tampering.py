"""Somebody with the database, the code and SQL, but without the key, changes the past: it is found and named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from tests.city import City
from ticketing.journal import anchor, chain
from ticketing.journal.verify import Fault, faults
from ticketing.models import Clock, OutboxEntry, Ticket, TicketEvent
from ticketing.outbox.reading import drain


@pytest.fixture
def ticket(real_city: City) -> Ticket:
    """Committed: on PostgreSQL the outbox shows only what is."""
    real_city.replied()
    found = real_city.replied()
    drain()
    assert list(faults()) == []
    return found


def only_fault() -> Fault:
    found = list(faults())
    assert len(found) == 1, found
    return found[0]


def erase(event: TicketEvent) -> None:
    """With SQL, which knows no PROTECT, and with the outbox row that would give it away."""
    OutboxEntry.objects.filter(event=event)._raw_delete("default")
    TicketEvent.objects.filter(pk=event.pk)._raw_delete("default")


def edit_event(ticket: Ticket) -> int:
    TicketEvent.objects.filter(ticket=ticket, seq=3).update(reason="改过的理由")
    return 3


def edit_data_with_plain_hash(ticket: Ticket) -> int:
    """The attacker recomputes what can be recomputed without the key."""
    event = TicketEvent.objects.get(ticket=ticket, seq=4)
    event.data = event.data | {"forged": True}
    event.mac = hashlib.sha256(json.dumps(event.data, sort_keys=True).encode()).hexdigest()
    event.save(update_fields=["data", "mac"])
    return 4


def move_an_event_in_time(ticket: Ticket) -> int:
    event = TicketEvent.objects.get(ticket=ticket, seq=2)
    TicketEvent.objects.filter(pk=event.pk).update(at=event.at - timedelta(days=1))
    return 2


def remove_from_the_middle(ticket: Ticket) -> int:
    erase(TicketEvent.objects.get(ticket=ticket, seq=2))
    return 2


def cut_the_tail_and_roll_the_row_back(ticket: Ticket) -> int:
    last = TicketEvent.objects.filter(ticket=ticket).latest("seq")
    before = TicketEvent.objects.get(ticket=ticket, seq=last.seq - 1)
    erase(last)
    Ticket.objects.filter(pk=ticket.pk).update(
        version=before.seq,
        head_mac=before.mac,
        status=before.to_status,
        replied_at=None,
        public_answer="",
    )
    return before.seq + 1


@pytest.mark.parametrize(
    "attack",
    [
        edit_event,
        edit_data_with_plain_hash,
        move_an_event_in_time,
        remove_from_the_middle,
        cut_the_tail_and_roll_the_row_back,
    ],
    ids=lambda attack: attack.__name__,
)
def test_an_altered_journal(ticket: Ticket, attack: Callable[[Ticket], int]) -> None:
    seq = attack(ticket)
    fault = only_fault()
    assert (fault.number, fault.seq) == (ticket.number, seq)


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "closed"},
        {"kind": "consult"},
        {"closed_at": "2026-01-01T00:00:00Z"},
        {"satisfaction": 5},
        {"body": "另一段文字"},
        {"public_answer": "改过的答复"},
        {"redo_count": 3},
        {"channel": "phone"},
        {"external_id": "another"},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_an_edited_row(ticket: Ticket, columns: dict[str, object]) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(**columns)
    fault = only_fault()
    assert (fault.number, fault.seq) == (ticket.number, 0)
    assert next(iter(columns)) in fault.what


def test_an_edited_clock(ticket: Ticket) -> None:
    clock = Clock.objects.filter(ticket=ticket, name="handle").get()
    Clock.objects.filter(pk=clock.pk).update(policy=clock.policy | {"limit": 99})
    fault = only_fault()
    assert (fault.number, fault.seq) == (ticket.number, 0)
    assert "handle clock" in fault.what


def test_a_deleted_ticket(ticket: Ticket) -> None:
    number = ticket.number
    with transaction.atomic():  # the constraints are looked at when it ends
        for relation in Ticket._meta.get_fields(include_hidden=True):
            model = relation.related_model
            if relation.auto_created and not relation.concrete and relation.field.name == "ticket":  # type: ignore[union-attr]
                model._base_manager.filter(ticket=ticket)._raw_delete("default")  # type: ignore[union-attr]
        Ticket.objects.filter(pk=ticket.pk)._raw_delete("default")
    assert only_fault().number == number
    assert "deleted" in only_fault().what


def test_an_altered_anchor(ticket: Ticket) -> None:
    path = next(iter(Path(settings.ANCHORS).glob("*.jsonl")))
    lines = path.read_text(encoding="ascii").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), encoding="ascii")
    assert any("anchor" in fault.what for fault in faults())


def test_half_a_line_of_the_anchor_is_a_crash_and_not_an_attack(ticket: Ticket) -> None:
    path = next(iter(Path(settings.ANCHORS).glob("*.jsonl")))
    with path.open("a", encoding="ascii") as file:
        file.write('{"t": "2611')
    assert list(faults()) == []
    anchor.append([anchor.Head(ticket.number, ticket.version, ticket.head_mac)])
    assert list(faults()) == []


def test_another_key_makes_another_code(ticket: Ticket, settings: object) -> None:
    event = TicketEvent.objects.filter(ticket=ticket).earliest("seq")
    before = chain.code(event, "")
    settings.JOURNAL_KEY = "another"  # type: ignore[attr-defined]
    assert chain.code(event, "") != before


def test_the_command_names_the_first_altered_row(ticket: Ticket) -> None:
    TicketEvent.objects.filter(ticket=ticket, seq__gte=2).update(origin="elsewhere")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_journal", stdout=out)
    assert f"{ticket.number} event 2:" in out.getvalue()


def test_recomputed_clocks_find_an_edited_deadline(ticket: Ticket) -> None:
    clock = Clock.objects.filter(ticket=ticket, name="check").get()
    assert clock.due_at is not None
    Clock.objects.filter(pk=clock.pk).update(due_at=clock.due_at + timedelta(days=1))
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("recompute_clocks", "--check", stdout=out)
    assert f"{ticket.number} check due_at" in out.getvalue()
