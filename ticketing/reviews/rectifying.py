"""The loop of a bad review: verify → rectify → answer → call back → second review, under its own clock.

豫政办〔2022〕78号 item 31: real-name bad reviews are rectified in time, 100 %. The limit is 15 working days
(practice of Sichuan cities), configured by `REVIEW_RECTIFY_WORKING_DAYS`, from when the bad review was given.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from directory.models import Role
from directory.worktime.limits import working_days
from directory.worktime.source import calendar_for
from ticketing.errors import NotYours, RuleBroken, TicketError
from ticketing.journal import ledger
from ticketing.lifecycle import rules
from ticketing.lifecycle.actions.supervising import Supervise
from ticketing.lifecycle.actors import SYSTEM, Actor
from ticketing.lifecycle.engine import act
from ticketing.terms import LadderStep, Satisfaction

from . import ordering
from .models import Rectification, Review
from .terms import BAD_UP_TO, OWED, RectificationStep

log = logging.getLogger(__name__)
BATCH = 100
S = RectificationStep


def limit() -> int:
    """Working days to rectify a bad review."""
    return int(settings.REVIEW_RECTIFY_WORKING_DAYS)


def call_back_due(row: Rectification) -> datetime | None:
    """Until when a real-name review is called back after the unit's answer; None when that is not owed (any more)."""
    if row.answered_at is None or row.step != S.ANSWERED:
        return None
    days = int(settings.REVIEW_CALLBACK_WORKING_DAYS)
    return working_days(row.answered_at, days, calendar_for(row.review.city_id)).due_at


def follow(review: Review, now: datetime) -> None:
    """Opens the rectification of a bad review; ends it when the person changed to a good one. Nobody to rectify: none.

    Runs inside the transaction of the review.
    """
    bad = review.level <= BAD_UP_TO and review.excluded_at is None
    row = Rectification.objects.filter(review=review).first()
    if row is None and bad and review.department_id is not None:
        due = working_days(now, limit(), calendar_for(review.city_id))
        Rectification.objects.create(
            review=review,
            department_id=review.department_id,
            started_at=now,
            due_at=due.due_at,
            provisional=due.provisional,
            explanation=list(due.explanation),
        )
    elif row is not None and not bad and row.step in OWED:
        _move(row, S.WITHDRAWN, ended_at=now)
    elif row is not None and bad and row.step == S.WITHDRAWN:
        _move(row, S.OPEN, ended_at=None)


def _move(row: Rectification, step: RectificationStep, **columns: object) -> None:
    row.step = step
    for name, content in columns.items():
        setattr(row, name, content)
    row.save(update_fields=["step", *columns])


def _locked(pk: int, *steps: RectificationStep) -> Rectification:
    row = Rectification.objects.select_for_update().select_related("review").filter(pk=pk).first()
    if row is None:
        raise RuleBroken("没有这项差评整改", rule="no_rectification")
    if row.step not in steps:
        raise RuleBroken(f"整改当前为“{row.get_step_display()}”，不能进行这一步", rule="rectification_step")
    return row


def _of_unit(actor: Actor, row: Rectification) -> None:
    units = actor.standing.departments if actor.standing else frozenset()
    if row.department_id not in units:
        raise NotYours("这项差评不由您的单位整改", action="rectify")


def verify(pk: int, *, actor: Actor, truthful: bool, finding: str, now: datetime | None = None) -> Rectification:
    """核实: the unit looks into what was criticised."""
    text = rules.text("finding", finding, least=5, most=3000)
    return _unit_step(pk, actor, (S.OPEN,), S.VERIFIED, now, "verified_at", truthful=truthful, finding=text)


def rectify(pk: int, *, actor: Actor, measures: str, now: datetime | None = None) -> Rectification:
    """整改: what was done about it."""
    text = rules.text("measures", measures, least=5, most=3000)
    return _unit_step(pk, actor, (S.VERIFIED,), S.RECTIFIED, now, "rectified_at", measures=text)


def answer(pk: int, *, actor: Actor, answer: str, now: datetime | None = None) -> Rectification:
    """答复: the person is told; this stops the clock. A real-name review is then always called back."""
    text = rules.text("answer", answer, least=5, most=3000)
    return _unit_step(pk, actor, (S.RECTIFIED,), S.ANSWERED, now, "answered_at", answer=text)


def _unit_step(
    pk: int,
    actor: Actor,
    before: tuple[RectificationStep, ...],
    step: RectificationStep,
    now: datetime | None,
    time_column: str,
    **columns: object,
) -> Rectification:
    from .rating import tell

    moment = now or timezone.now()
    with transaction.atomic():
        row = _locked(pk, *before)
        _of_unit(actor, row)
        columns[time_column] = moment
        if step == S.ANSWERED and not row.review.real_name:
            step = S.DONE  # nobody can be called back
            columns["ended_at"] = moment
        _move(row, step, **columns)
        tell(row.review, moment)
    return row


def call_back(
    pk: int, *, actor: Actor, note: str, second_level: int | None = None, now: datetime | None = None
) -> Rectification:
    """回访 and the second review. Still bad → the supervision ladder; the first review stays as it was given."""
    from .rating import tell

    moment = now or timezone.now()
    text = rules.text("note", note, least=2, most=2000)
    if second_level is not None:
        rules.choice("second_level", second_level, Satisfaction)  # type: ignore[arg-type]
    with transaction.atomic():
        row = _locked(pk, S.ANSWERED)
        city = row.review.city_id
        standing = actor.standing
        roles = (Role.CALLBACK_CLERK, Role.SUPERVISOR)
        if standing is None or not any(standing.holds_in(role, city) for role in roles):
            raise NotYours("差评回访由热线回访员进行", action="call_back")
        columns = {"called_back_at": moment, "callback_note": text, "second_level": second_level, "ended_at": moment}
        _move(row, S.DONE, **columns)
        tell(row.review, moment)
    if second_level is not None and second_level <= BAD_UP_TO:
        _supervise(row, "差评整改后群众仍不满意", moment)
    return row


def escalate(now: datetime | None = None) -> int:
    """Rectifications past their time climb the supervision ladder; returns how many steps were climbed.

    A ticket's ladder is climbed once, by an order; what follows there is the supervisor's to decide.
    """
    moment = now or timezone.now()
    owed = Rectification.objects.filter(
        answered_at__isnull=True, ended_at__isnull=True, escalated_at__isnull=True, due_at__lt=moment
    )
    done = 0
    for pk in list(owed.order_by("due_at").values_list("pk", flat=True)[:BATCH]):
        # compare and set first: two workers never issue two orders for one review
        with transaction.atomic():
            if not Rectification.objects.filter(pk=pk, escalated_at__isnull=True).update(escalated_at=moment):
                continue
            row = Rectification.objects.select_related("review").get(pk=pk)
            ledger.note(row.review)
        _supervise(row, "差评未按期整改", moment)
        done += 1
    return done + ordering.climb(moment)


def _supervise(row: Rectification, reason: str, now: datetime) -> None:
    """A supervision order: on the ticket's ladder, or beside the review of a window, which has no ticket."""
    ticket_id = row.review.ticket_id
    if ticket_id is None:
        with transaction.atomic():
            ordering.issue(row, ordering.STEPS[0], reason, now)
        return
    try:
        act(ticket_id, Supervise(step=LadderStep.ORDER, reason=reason), actor=SYSTEM, now=now)
    except TicketError as error:
        log.warning("rectification %s cannot climb the ladder: %s", row.pk, error.code)
