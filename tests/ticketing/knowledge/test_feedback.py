"""What comes back: reports with a clock, chased reviews, uses, gaps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from directory.models import Role
from tests.ticketing.search.city import City
from ticketing.errors import BadInput, MoveNotAllowed, NotYours
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.knowledge import care, feedback
from ticketing.knowledge.editing import withdraw
from ticketing.knowledge.models import KnowledgeEntry, KnowledgeError, KnowledgeGap, KnowledgeUse
from ticketing.lifecycle.actions.answering import Answer
from ticketing.lifecycle.actors import SYSTEM, Actor
from ticketing.lifecycle.engine import act
from ticketing.models import Notice, OutboxEntry

Publish = Callable[..., KnowledgeEntry]


def test_a_reported_error_starts_a_clock_of_three_working_days(city: City, published: Publish) -> None:
    friday = datetime(2025, 11, 7, 2, 0, tzinfo=UTC)
    error = feedback.report_error(published(), "电话变了", actor=city.people[Role.AGENT], now=friday)
    assert timezone.localtime(error.due_at).date().isoformat() in ("2025-11-12", "2025-11-13")
    assert error.explanation
    assert Notice.objects.filter(department=city.unit["urban"], template="knowledge").count() == 1


def test_late_answers_are_marked_and_told_once(city: City, published: Publish) -> None:
    error = feedback.report_error(published(), "电话变了", actor=city.people[Role.AGENT])
    later = error.due_at + timedelta(minutes=1)
    assert care.look(later) == 1
    assert care.look(later) == 0
    error.refresh_from_db()
    assert error.late


def test_an_answer_is_given_once_and_by_the_owner(city: City, published: Publish, editor: Actor) -> None:
    error = feedback.report_error(published(), "电话变了", actor=city.people[Role.AGENT])
    with pytest.raises(NotYours):
        feedback.answer_error(error, actor=city.people[Role.AGENT], mended=True, answer="好")
    with pytest.raises(BadInput):
        feedback.answer_error(error, actor=editor, mended=True, answer=" ")
    feedback.answer_error(error, actor=city.people[Role.UNIT_HEAD], mended=True, answer="已更正")
    with pytest.raises(MoveNotAllowed):
        feedback.answer_error(error, actor=editor, mended=False, answer="再答")
    error.refresh_from_db()
    assert error.state == KnowledgeError.MENDED


def test_personal_data_in_a_report_or_a_question_is_masked(city: City, published: Publish) -> None:
    error = feedback.report_error(published(), "请打13812345678核实", actor=city.people[Role.AGENT])
    assert "13812345678" not in error.text
    feedback.unanswered("我的电话13812345678，想问路灯")
    feedback.unanswered("我的电话13812345678，想问路灯")
    gap = KnowledgeGap.objects.get()
    assert "13812345678" not in gap.text
    assert gap.count == 2


def test_an_overdue_review_is_chased_once_a_week(city: City, published: Publish) -> None:
    entry = published()
    KnowledgeEntry.objects.filter(pk=entry.pk).update(review_on=timezone.localdate() - timedelta(days=1))
    now = timezone.now()
    assert care.look(now) == 1
    assert care.look(now) == 0
    assert care.look(now + timedelta(days=6)) == 0
    assert care.look(now + timedelta(days=7)) == 1


def test_a_unit_gets_one_message_for_all_that_fell_due_at_once(city: City, published: Publish) -> None:
    for at in range(7):
        published(title=f"条目{at}")
    KnowledgeEntry.objects.update(review_on=timezone.localdate() - timedelta(days=1))
    assert care.look() == 1
    (notice,) = Notice.objects.filter(department=city.unit["urban"])
    assert "等 7 条" in notice.text


def test_the_end_of_validity_is_told_before_and_after(city: City, published: Publish, editor: Actor) -> None:
    now, today = timezone.now(), timezone.localdate()
    entry = published(valid_to=today + timedelta(days=15))
    assert care.look(now) == 0
    assert care.look(now + timedelta(days=1)) == 1
    assert care.look(now + timedelta(days=1)) == 0
    assert care.look(now + timedelta(days=15)) == 0  # the last day counts
    assert care.look(now + timedelta(days=16)) == 1
    assert care.look(now + timedelta(days=17)) == 0
    texts = Notice.objects.filter(department=city.unit["urban"]).order_by("pk").values_list("text", flat=True)
    assert ["将在" in text for text in texts] == [True, False]
    withdraw(entry, actor=editor)
    KnowledgeEntry.objects.update(expiry_step="")
    assert care.look(now + timedelta(days=17)) == 0


def test_who_reported_an_error_is_told_the_answer(city: City, published: Publish, editor: Actor) -> None:
    agent = city.people[Role.AGENT]
    error = feedback.report_error(published(), "电话变了", actor=agent)
    assert feedback.report_error(error.entry, " 电话变了 ", actor=agent) == error  # sent twice
    KnowledgeError.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    error.refresh_from_db()
    feedback.answer_error(error, actor=editor, mended=False, answer="号码没有变，仍是13812345678")
    notice = Notice.objects.get(audience="staff", staff_id=agent.staff_id)
    assert "不需更正" in notice.text
    assert "13812345678" not in notice.text
    error.refresh_from_db()
    assert error.late  # though nobody had looked yet


def test_uses_and_votes_are_counted(city: City, published: Publish) -> None:
    entry = published()
    feedback.use(entry, "read", actor=city.people[Role.AGENT])
    feedback.use(entry, "opened", helped=False)
    feedback.vote(entry, True)
    entry.refresh_from_db()
    assert (entry.uses, entry.helped, entry.not_helped) == (2, 1, 1)
    assert dict(feedback.ways(entry)) == {
        "群众查看": 1, "人员查看": 0, "口述": 1, "引用": 0, "短信发送": 0, "直接答复": 0,
    }  # fmt: skip
    with pytest.raises(BadInput, match="read"):
        feedback.use(entry, "eaten")


def test_a_direct_answer_with_an_entry_counts_once(city: City, published: Publish) -> None:
    entry = published()
    ticket = accept(Report(channel="phone", body="路灯坏了找谁", city="410100"), actor=SYSTEM).ticket
    act(ticket.pk, Answer(answer="请联系照明部门", knowledge=entry.code), actor=city.people[Role.SUPERVISOR])
    entries = list(OutboxEntry.objects.filter(topic="ticket"))
    for _ in range(2):
        care.hear_answers(entries)
    used = KnowledgeUse.objects.get(how="answered")
    assert used.ticket_number == ticket.number
    assert (used.audience, used.staff_id) == ("staff", city.people[Role.SUPERVISOR].staff_id)
    entry.refresh_from_db()
    assert entry.uses == 1
