"""申诉: a unit contests a review; somebody outside the unit decides; upheld, it takes the review out of the rates."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from directory.models import Role
from ticketing.errors import NotYours, RuleBroken
from ticketing.journal import ledger
from ticketing.lifecycle import rules
from ticketing.lifecycle.actors import Actor

from .models import Appeal, Rectification, Review
from .rating import tell
from .terms import BAD_UP_TO, RectificationStep, Ruling


def appeal(review_id: int, *, actor: Actor, reason: str, evidence: str, now: datetime | None = None) -> Appeal:
    """The unit's contest with its evidence; the rectification's clock goes on meanwhile."""
    moment = now or timezone.now()
    why, proof = rules.text("reason", reason, least=5, most=2000), rules.text("evidence", evidence, least=5, most=5000)
    review = Review.objects.filter(pk=review_id).first()
    units = actor.standing.departments if actor.standing else frozenset()
    if review is None or review.department_id not in units or actor.staff_id is None:
        raise NotYours("只能对评价本单位的差评提出申诉", action="appeal")
    if review.level > BAD_UP_TO:
        raise RuleBroken("只能对差评提出申诉", rule="not_bad")
    if review.excluded_at is not None:
        raise RuleBroken("该评价已剔除", rule="excluded")
    try:
        with transaction.atomic():
            row = Appeal.objects.create(
                review=review,
                department_id=review.department_id,
                reason=why,
                evidence=proof,
                asked_at=moment,
                asked_by_id=actor.staff_id,
            )
            ledger.note(review)
    except IntegrityError as error:
        raise RuleBroken("该评价已有待复核的申诉", rule="open_appeal") from error
    return row


def rule(pk: int, *, actor: Actor, upheld: bool, opinion: str, now: datetime | None = None) -> Appeal:
    """The ruling of a supervisor who stands outside the unit. Upheld: excluded from the rates, visibly, with why."""
    moment = now or timezone.now()
    text = rules.text("opinion", opinion, least=5, most=500)
    with transaction.atomic():
        row = Appeal.objects.select_for_update().select_related("review").filter(pk=pk, ruling=Ruling.OPEN).first()
        if row is None:
            raise RuleBroken("没有待复核的申诉", rule="no_appeal")
        _outside(actor, row)
        row.ruling = Ruling.UPHELD if upheld else Ruling.REJECTED
        row.ruled_at, row.ruled_by_id, row.opinion = moment, actor.staff_id, text
        row.save(update_fields=["ruling", "ruled_at", "ruled_by", "opinion"])
        if upheld:
            _exclude(row.review, text, moment)
        tell(row.review, moment)
    return row


def _outside(actor: Actor, row: Appeal) -> None:
    standing = actor.standing
    if standing is None or not standing.holds_in(Role.SUPERVISOR, row.review.city_id):
        raise NotYours("差评申诉由督办员复核", action="rule")
    if row.department_id in standing.departments or row.asked_by_id == actor.staff_id:
        raise RuleBroken("不能复核本单位提出的申诉", rule="own_unit")


def _exclude(review: Review, reason: str, now: datetime) -> None:
    review.excluded_at, review.excluded_reason = now, reason
    review.save(update_fields=["excluded_at", "excluded_reason"])
    Rectification.objects.filter(review=review, ended_at__isnull=True).update(
        step=RectificationStep.EXCLUDED, ended_at=now
    )
