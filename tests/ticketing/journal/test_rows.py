"""Rows beside a ticket: somebody with SQL edits, deletes or puts one in, and verification names ticket and row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import models, transaction
from django.utils import timezone

from directory.models import DutyShift
from tests.city import City
from tests.ticketing.lifecycle.stages import ASK_RETURN
from tests.ticketing.test_attachments import PDF, upload
from ticketing import attachments
from ticketing.alarms import calls
from ticketing.alarms.running import run
from ticketing.clocks.poller import fire_all
from ticketing.journal import chain, rows
from ticketing.journal.rows import KINDS, Kind
from ticketing.journal.verify import Tally, faults
from ticketing.lifecycle.actions.checking import ApproveResult, RecordCallback
from ticketing.lifecycle.actions.citizens import AddEvidence
from ticketing.lifecycle.actions.dispatching import AddAssist
from ticketing.lifecycle.actions.extensions import ApproveExtension, AskExtension
from ticketing.lifecycle.actions.handling import AddNote, PauseClock, ResumeClock, Sign, SubmitReply
from ticketing.lifecycle.actions.linking import LinkTo
from ticketing.lifecycle.actions.returns import RejectReturn
from ticketing.lifecycle.actions.supervising import Supervise
from ticketing.lifecycle.actions.triage import Triage
from ticketing.lifecycle.actors import citizen_actor
from ticketing.lifecycle.engine import act, act_many
from ticketing.models import Clock, Identity, Notice, Reply, Ticket, TicketEvent
from ticketing.models.alarms import CallState
from ticketing.notify.delivery import send_waiting
from ticketing.privacy import crypto
from ticketing.privacy.identity import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def walked(city: City) -> Ticket:
    """A ticket that has at least one row of every kind, and another one beside it."""
    city.replied()
    other = city.triaged()
    ticket = city.dispatched(urgency="urgent")
    DutyShift.objects.create(
        department=city.unit["lights"],
        staff=city.staff["handler"],
        starts_at=timezone.now() - timedelta(hours=1),
        ends_at=timezone.now() + timedelta(hours=9),
        phone="13900000001",
    )
    late = timezone.now() + timedelta(minutes=31)
    fire_all(late)
    run(late)
    [call] = calls.waiting()
    assert calls.take(call) and calls.report(call.pk, CallState.CONFIRMED, now=late)
    handler, dispatcher, checker = city.actor("handler"), city.actor("dispatcher"), city.actor("checker")
    act(ticket.pk, ASK_RETURN, actor=handler)
    act(ticket.pk, RejectReturn(opinion="属于照明设施"), actor=dispatcher)
    act(ticket.pk, Sign(), actor=handler)
    act(ticket.pk, AddAssist(unit=city.unit["water"].pk), actor=dispatcher)
    act(ticket.pk, AddNote(text="已到现场", public=True), actor=handler)
    attachments.add(ticket.pk, [upload(PDF, "a.pdf")], actor=citizen_actor(ticket.pk))
    act(ticket.pk, PauseClock(ground="material", reason="等照片"), actor=city.actor("head"))
    act(ticket.pk, ResumeClock(), actor=handler)
    act(ticket.pk, AskExtension(working_days=1, reason="等备件"), actor=handler)
    act(ticket.pk, ApproveExtension(), actor=checker)
    act(ticket.pk, Supervise(step="order", reason="久拖不决"), actor=city.actor("supervisor"))
    act(ticket.pk, LinkTo(other=other.number), actor=dispatcher)
    act(
        ticket.pk,
        SubmitReply(public_answer="已更换灯具，现已恢复照明。", solved=True, close_silent="水司无关"),
        actor=handler,
    )
    act(ticket.pk, ApproveResult(), actor=checker)
    return act(ticket.pk, RecordCallback(result="no_answer"), actor=city.actor("caller"))


def own(kind: Kind, ticket: Ticket) -> models.QuerySet[Any]:
    return kind.model._base_manager.filter(**{kind.ticket: ticket.pk}).order_by("pk")


def named(ticket: Ticket) -> list[str]:
    found = list(faults(Ticket.objects.filter(pk=ticket.pk)))
    assert all(fault.number == ticket.number for fault in found)
    return [fault.what for fault in found]


def undone(attack: Callable[[], object], ticket: Ticket) -> list[str]:
    """What verification says after the attack, which is then taken back."""
    with transaction.atomic():
        point = transaction.savepoint()
        attack()
        found = named(ticket)
        transaction.savepoint_rollback(point)
    return found


def another(row: models.Model, column: Any) -> object:
    """A value that differs from the one that stands there and that the database takes."""
    now = getattr(row, column.attname)
    if column.attname.endswith("_box"):
        return crypto.seal("另一个人")
    if isinstance(column, models.DateTimeField):
        return (now or timezone.now()) + timedelta(seconds=1)
    if isinstance(column, models.BooleanField):
        return not now
    if isinstance(column, models.JSONField):
        return ["forged"]
    target = column.target_field if isinstance(column, models.ForeignKey) else column
    if isinstance(target, models.CharField | models.TextField):
        return f"{'y' if str(now or '').startswith('x') else 'x'}{str(now or '')[1:]}"
    return (now or 0) + 1


def test_every_column_of_every_row(walked: Ticket) -> None:
    assert named(walked) == []
    missed = []
    for kind in KINDS:
        row = own(kind, walked).first()
        assert row is not None, kind
        for column in kind.model._meta.concrete_fields:
            if column.primary_key or column.attname in kind.without:
                continue
            change = {column.attname: another(row, column)}
            found = undone(lambda k=kind, r=row, c=change: k.model._base_manager.filter(pk=r.pk).update(**c), walked)
            if not any(f"{kind.name} " in what or f"{row.__dict__.get('name')} clock" in what for what in found):
                missed.append((kind.name, column.name, found))
    assert missed == []


def test_every_deleted_row(walked: Ticket) -> None:
    missed = []
    for kind in KINDS:
        for row in own(kind, walked)[: 1 if kind.open_ended else None]:
            found = undone(lambda k=kind, r=row: k.model._base_manager.filter(pk=r.pk)._raw_delete("default"), walked)
            if not any("deleted" in what or "missing" in what for what in found):
                missed.append((kind.name, row.pk, found))
    assert missed == []


#: what keeps a copied row from being refused by the database's own rules
_UNLIKE: dict[str, dict[str, object]] = {
    "assignment": {"status": "cancelled"},
    "attachment": {"key": "another"},
    "link": {"kind": "same_problem"},
    "clock": {"state": "met"},
}


def put_in(kind: Kind, row: models.Model) -> object:
    row.pk = None
    row._state.adding = True
    for name, content in _UNLIKE.get(kind.name, {}).items():
        setattr(row, name, content)
    if kind.name == "alarm":
        row.clock = Clock.objects.exclude(pk__in=type(row)._default_manager.values("clock")).first()  # type: ignore[attr-defined]
    return row.save(force_insert=True)


def test_every_row_put_in(walked: Ticket) -> None:
    missed = []
    for kind in KINDS:
        if kind.open_ended or kind.model is Identity:
            continue
        row = own(kind, walked).last()
        found = undone(lambda k=kind, r=row: put_in(k, r), walked)
        if not any(kind.name in what and ("put in" in what or "no event" in what) for what in found):
            missed.append((kind.name, found))
    assert missed == []


def test_an_identity_put_in(city: City) -> None:
    ticket = city.report(person=Person(), anonymous=True)
    assert named(ticket) == []
    Identity.objects.create(ticket=ticket, name_box=crypto.seal("张三"))
    assert named(ticket) == [f"identity {ticket.pk} was put in outside the journal"]


def test_an_untouched_ticket_beside_an_altered_one(walked: Ticket) -> None:
    Reply.objects.filter(ticket=walked).update(public_answer="改过的答复")
    assert [fault.number for fault in faults()] == [walked.number]


def test_another_key_changes_nothing(walked: Ticket, settings: Any) -> None:
    settings.PII_KEYS = ["a-new-key", *settings.PII_KEYS]
    before = Identity.objects.get(ticket=walked).name_box
    call_command("rotate_pii_key")
    assert Identity.objects.get(ticket=walked).name_box != before
    assert list(faults()) == []


def test_the_event_that_wrote_it_is_named(walked: Ticket) -> None:
    reply = Reply.objects.get(ticket=walked)
    Reply.objects.filter(pk=reply.pk).update(internal_note="改过")
    [fault] = faults(Ticket.objects.filter(pk=walked.pk))
    wrote = TicketEvent.objects.get(ticket=walked, action="reply")
    assert (fault.seq, fault.what) == (wrote.seq, f"reply {reply.pk} was edited outside the journal")


def test_a_limit_that_starts_anew_at_its_old_time(city: City) -> None:
    """Two dispatch clocks of one start: the second follows the urgency that the triage found."""
    ticket = city.report()
    act(ticket.pk, Triage(kind="complaint", urgency="urgent"), actor=city.actor("dispatcher"))
    assert ticket.clocks.count() == 2
    assert list(faults()) == []


def test_delivery_and_reading_change_nothing(walked: Ticket) -> None:
    assert send_waiting() > 0
    Notice.objects.filter(ticket=walked).update(read_at=timezone.now())
    assert list(faults()) == []


def test_a_batch_digests_each_row(city: City) -> None:
    tickets = [city.signed() for _ in range(3)]
    outcomes = act_many([ticket.pk for ticket in tickets], AddNote(text="批量办理"), actor=city.actor("handler"))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    act(tickets[0].pk, AddEvidence(text="补一张照片"), actor=citizen_actor(tickets[0].pk))
    assert list(faults()) == []
    tickets[1].notes.update(text="改过")
    assert [fault.number for fault in faults()] == [tickets[1].number]


def test_events_from_before_the_digests_are_said_to_be_so(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that existed before: its rows count from the first digest on, and the command says so."""
    with monkeypatch.context() as old:
        old.setattr(chain, "REPLAYED", tuple(name for name in chain.REPLAYED if name != "due_at"))
        old.setattr("ticketing.lifecycle.case.row_data", lambda case, last: {})
        ticket = city.replied()
    Reply.objects.filter(ticket=ticket).update(internal_note="早先改过")
    tally = Tally()
    assert list(faults(tally=tally)) == [] and tally.older == 1
    act(ticket.pk, ApproveResult(), actor=city.actor("checker"))
    ticket.notes.create(kind="progress", text="无人知道", created_at=timezone.now())
    assert list(faults()) == [], "whether it is older than the digests cannot be told"
    Clock.objects.filter(ticket=ticket, name="call_back").update(explanation=["改过"])
    assert "clock" in named(ticket)[0]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_journal", stdout=out)
    assert "1 tickets began before rows were digested" in out.getvalue()


def test_a_digest_needs_the_key(walked: Ticket, settings: Any) -> None:
    reply = Reply.objects.get(ticket=walked)
    before = rows.digest(reply)
    settings.JOURNAL_KEY = "another"
    assert rows.digest(reply) != before
