"""督办 of a bad review without a ticket: a window's. Steps of the ladder, each with its own limit, told to the unit.

A review of a ticket's handling climbs the ticket's ladder; here there is no ticket whose ladder could be climbed.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from directory.worktime.limits import working_days
from directory.worktime.source import calendar_for
from ticketing import ladder
from ticketing.journal import ledger
from ticketing.lifecycle.actions.dispatching import due_words
from ticketing.notify.telling import tell
from ticketing.terms import LadderStep

from .models import Rectification, RectificationOrder
from .terms import OWED

#: climbed one after the other, the next when the limit of the one before has passed without the unit's answer
STEPS = (LadderStep.ORDER, LadderStep.SECOND_ORDER, LadderStep.CIRCULAR)
BATCH = 100


def issue(row: Rectification, step: LadderStep, reason: str, now: datetime) -> RectificationOrder:
    """One step, once; the unit finds it among its messages. Inside the transaction of whoever climbs."""
    review = row.review
    due = working_days(now, ladder.answer_within(step), calendar_for(review.city_id)).due_at
    order, new = RectificationOrder.objects.get_or_create(
        review=review,
        step=step,
        defaults={"department_id": row.department_id, "reason": reason, "issued_at": now, "answer_due_at": due},
    )
    if new:
        demand = f"现发{step.label}，请于 {due_words(due)} 前整改并答复"
        tell(
            key=f"rectify:{review.pk}:{step}",
            audience="unit",
            means="auto",
            template="unit_rectify",
            text=f"差评（{review.pk}）{reason}，{demand}，见“差评整改与回访”。",
            department_id=row.department_id,
            created_at=now,
            next_try_at=now,
        )
        ledger.note(review)
    return order


def climb(now: datetime) -> int:
    """The next step for every review whose last order ran out unanswered; returns how many."""
    owed = Rectification.objects.filter(step__in=list(OWED), review__ticket__isnull=True)
    late = (
        owed.exclude(review__orders__step=STEPS[-1])
        .annotate(last_due=Max("review__orders__answer_due_at"))
        .filter(last_due__lt=now)
    )
    done = 0
    for pk in list(late.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            row = Rectification.objects.select_for_update(of=("self",)).select_related("review").get(pk=pk)
            done += _next(row, now)
    return done


def _next(row: Rectification, now: datetime) -> int:
    last = row.review.orders.order_by("issued_at", "pk").last()
    if last is None or last.answer_due_at >= now or row.step not in OWED:
        return 0  # somebody else has climbed, or the unit has answered meanwhile
    place = STEPS.index(LadderStep(last.step)) + 1
    if place == len(STEPS):
        return 0
    issue(row, STEPS[place], f"经{last.get_step_display()}仍未按期整改", now)
    return 1
