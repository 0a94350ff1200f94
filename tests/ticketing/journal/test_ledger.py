"""Rows of no ticket's journal, and anchor files: edited, deleted or put in behind the product's back, and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import models, transaction
from django.utils import timezone

from tests.city import City
from tests.ticketing.lifecycle.stages import in_status
from ticketing.exchange import sending
from ticketing.exchange.models import Exchange, Peer
from ticketing.intake.accept import new_query_code
from ticketing.journal import anchor
from ticketing.journal.verify import faults
from ticketing.models import AnchorMark, Notice, OutboxEntry, ReadLedger, Ticket, WordingChange
from ticketing.notify.telling import tell
from ticketing.outbox.reading import drain
from ticketing.portal import smscodes
from ticketing.privacy.identity import Person, record_read
from ticketing.reviews import appeals, rating, rectifying
from ticketing.reviews.models import Appeal, Rectification, Review, ReviewChange
from ticketing.terms import Status
from ticketing.wording import dictionary

REASON = "评价对象不是本单位的工作"


@pytest.fixture
def noted(real_city: City) -> Ticket:
    """A closed ticket with a bad review that was changed, is rectified and contested; read, and sent elsewhere."""
    ticket = in_status(real_city, Status.CLOSED)
    record_read(real_city.actor("dispatcher"), ticket, "身份信息", "联系群众")
    given = {"kind": "handling", "key": ticket.number, "person": rating.OWNER, "channel": "portal", "ticket": ticket}
    rating.give(rating.Given(level=2, remark="没有修好", **given))  # type: ignore[arg-type]
    review = rating.give(rating.Given(level=1, remark="一直没有修好", **given))  # type: ignore[arg-type]
    rectifying.verify(review.rectification.pk, actor=real_city.actor("handler"), truthful=True, finding="情况属实的")
    appeals.appeal(review.pk, actor=real_city.actor("handler"), reason=REASON, evidence="现场照片三张")
    peer = Peer.objects.create(name="市公安局110", kind="110", url="http://127.0.0.1:9")
    sending.queue(ticket, peer, reason="涉及警情", consent=True)
    drain()
    assert list(faults()) == []
    return ticket


def edit(model: type[models.Model], **columns: object) -> Callable[[], object]:
    return lambda: model._base_manager.all().update(**columns)


def delete(model: type[models.Model]) -> Callable[[], object]:
    return lambda: model._base_manager.all()._raw_delete("default")


def read_again() -> object:
    row = ReadLedger.objects.earliest("pk")
    return ReadLedger.objects.create(staff=row.staff, ticket=row.ticket, what="身份信息", reason="编造", at=row.at)


@pytest.mark.parametrize(
    ("attack", "name"),
    [
        (edit(Review, level=5), "review"),
        (edit(Review, remark="很好"), "review"),
        (edit(Review, excluded_at=timezone.now()), "review"),
        (edit(ReviewChange, level=5), "review"),
        (delete(ReviewChange), "review"),
        (edit(Rectification, truthful=False), "review"),
        (edit(Rectification, due_at=timezone.now()), "review"),
        (delete(Appeal), "review"),
        (edit(Exchange, their_number="1"), "exchange"),
        (edit(Exchange, state="answered"), "exchange"),
        (edit(ReadLedger, reason="改过的事由"), "readledger"),
        (read_again, "readledger"),
    ],
)
def test_an_altered_row(noted: Ticket, attack: Callable[[], object], name: str) -> None:
    attack()
    [fault] = faults()
    assert fault.number == noted.number
    assert fault.what.startswith(f"{name}/") and "outside the journal" in fault.what


@pytest.mark.parametrize(("model", "name"), [(ReadLedger, "readledger"), (Exchange, "exchange")])
def test_a_deleted_row(noted: Ticket, model: type[models.Model], name: str) -> None:
    with transaction.atomic():
        delete(model)()
    assert [fault.what.partition("/")[0] for fault in faults()] == [name]


@pytest.mark.parametrize("attack", [edit(WordingChange, after={}), delete(WordingChange)])
def test_who_changed_the_words_cannot_be_altered(real_city: City, attack: Callable[[], object]) -> None:
    dictionary.add(["梧桐叠翠苑"], "estate", by=real_city.staff["supervisor"].pk, at=timezone.now())
    drain()
    assert list(faults()) == []
    with transaction.atomic():
        attack()
    assert [fault.what.partition("/")[0] for fault in faults()] == ["wordingchange"]


def test_what_delivery_changes_is_no_edit(noted: Ticket) -> None:
    assert sending.run() == 1
    assert Exchange.objects.get().tries == 1
    drain()
    assert list(faults()) == []


def files() -> list[Path]:
    return sorted(anchor.folder().glob("*.jsonl"))


def in_month(monkeypatch: pytest.MonkeyPatch, month: str, head: anchor.Head) -> None:
    with monkeypatch.context() as then:
        then.setattr("django.utils.timezone.localdate", lambda *_: timezone.datetime.fromisoformat(f"{month}-01"))  # type: ignore[attr-defined]
        anchor.append([head])


@pytest.fixture
def months(real_city: City, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Three anchor files, each going on from the one before."""
    ticket = real_city.report()
    drain()
    head = anchor.Head(ticket.number, ticket.version, ticket.head_mac)
    for month in ("2099-01", "2099-02"):
        in_month(monkeypatch, month, head)
    assert len(files()) == 3 and list(faults()) == []
    return files()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_deleted_anchor_file_is_named(months: list[Path], place: int) -> None:
    months[place].unlink()
    assert any(months[place].name in fault.what and "missing" in fault.what for fault in faults())


def test_a_file_is_missed_without_the_database_too(months: list[Path]) -> None:
    AnchorMark.objects.all().delete()
    months[1].unlink()
    assert [fault.what for fault in faults()] == [
        f"anchor: {months[1].name} is missing: {months[2].name} goes on from it"
    ]


def test_every_file_deleted_and_a_new_one_begun(months: list[Path], real_city: City) -> None:
    for path in months:
        path.unlink()
    real_city.report()
    drain()
    said = " ".join(fault.what for fault in faults())
    assert all(path.name in said for path in months) and "no file knows 1 tickets" in said


def test_files_and_marks_deleted_together(months: list[Path]) -> None:
    for path in months:
        path.unlink()
    AnchorMark.objects.all().delete()
    assert ["no file knows 1 tickets" in fault.what for fault in faults()] == [True]


def test_a_cut_file_and_an_edited_mark(months: list[Path]) -> None:
    last = months[-1]
    whole = last.read_bytes()
    last.write_bytes(b"")
    assert any(f"{last.name} was cut" in fault.what for fault in faults())
    last.write_bytes(whole)
    AnchorMark.objects.filter(file=last.name).update(size=0)
    assert any(f"mark of {last.name} was edited" in fault.what for fault in faults())


def test_a_file_from_before_the_links_still_counts(real_city: City) -> None:
    """Each month used to begin anew, and no mark was kept."""
    ticket = real_city.report()
    drain()
    path = files()[0]
    old = path.with_name("2020-01.jsonl")
    path.rename(old)
    AnchorMark.objects.all().delete()
    assert list(faults()) == []
    real_city.report()
    drain()
    assert len(files()) == 2 and list(faults()) == []
    Ticket.objects.filter(pk=ticket.pk).update(title="改过")
    assert [fault.number for fault in faults()] == [ticket.number]


def test_a_line_waits_for_its_listener(real_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the listener has not written yet is no deleted file."""
    monkeypatch.setattr(anchor, "catch_up", lambda: None)
    ticket = real_city.report()
    assert OutboxEntry.objects.filter(ticket=ticket).exists() and list(faults()) == []


def hand_put(**columns: object) -> Callable[[], Notice]:
    now = timezone.now()
    known = {"audience": "citizen", "means": "sms", "template": "rate", "created_at": now, "key": "by hand"}
    return lambda: Notice.objects.create(text="请点击链接领取补贴", **known, **columns)


def test_a_message_put_in_by_hand(real_city: City) -> None:
    """On a ticket at once; without one, as soon as one message has been put on record."""
    ticket = in_status(real_city, Status.CLOSED)
    drain()
    assert list(faults()) == []
    row = hand_put(ticket=ticket)()
    assert [(fault.number, fault.what) for fault in faults()] == [
        (ticket.number, f"notice/{row.pk} was put in outside the journal")
    ]
    row.delete()
    tell(key="rate:1", audience="citizen", means="sms", template="rate", text="请评价", created_at=timezone.now())
    assert list(faults()) == []
    Notice.objects.filter(key="rate:1").update(text="请点击链接领取补贴")
    assert [fault.what.partition(" ")[2] for fault in faults()] == ["was edited outside the journal"]
    Notice.objects.filter(key="rate:1").update(text="请评价")
    hand_put()()
    assert [fault.what.partition(" ")[2] for fault in faults()] == ["was put in outside the journal"]


def test_a_code_that_ran_out_leaves_its_message_unaltered(real_city: City) -> None:
    real_city.report(person=Person(phone="13800000001"))
    smscodes.send("13800000001")
    assert smscodes.expire(timezone.now() + timedelta(hours=1))
    assert list(faults()) == []


def test_another_query_code(real_city: City) -> None:
    """The owner may have one made; nobody else may put one in place, nor the old one back."""
    ticket = in_status(real_city, Status.CLOSED)
    old = ticket.query_hash
    Ticket.objects.filter(pk=ticket.pk).update(query_hash="0" * 64)
    assert [fault.what for fault in faults()] == [f"the query_hash of {ticket.number} was edited outside the journal"]
    Ticket.objects.filter(pk=ticket.pk).update(query_hash=old)
    new_query_code(ticket)
    assert ticket.query_hash != old
    assert list(faults()) == []
    Ticket.objects.filter(pk=ticket.pk).update(query_hash=old)
    assert [fault.number for fault in faults()] == [ticket.number]
