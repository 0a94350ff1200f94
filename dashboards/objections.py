"""考核申诉: what a unit says against its frozen figures, and the ruling of somebody outside the unit.

Objections, exclusion requests and frozen versions stand in the ledger (`ticketing.journal.ledger`): who, when and why
cannot be altered without `verify_journal` naming the row.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboards.models import Appraisal, Objection
from directory.models import Department, Role
from ticketing.errors import NotYours, RuleBroken
from ticketing.journal import ledger
from ticketing.lifecycle import rules
from ticketing.lifecycle.actors import Actor
from ticketing.reviews.terms import Ruling


def contestable(row: Appraisal, actor: Actor) -> list[Department]:
    """The units of the frozen month for which `actor` may object: those the actor heads, the own one before those
    below it."""
    standing = actor.standing
    if standing is None:
        return []
    own = {bound.department_id for bound in standing.bounds if bound.role == Role.UNIT_HEAD}
    found = Department.objects.filter(pk__in=standing.units(Role.UNIT_HEAD), code__in=list(row.scores)).order_by("code")
    return sorted(found, key=lambda unit: unit.pk not in own)


def object_to(
    row: Appraisal, department_id: int, *, actor: Actor, reason: str, now: datetime | None = None
) -> Objection:
    """The unit's head contests a published version. Raises `NotYours` for others' figures, `RuleBroken` for a second.

    What was not published cannot be seen by the unit, so there is nothing to contest yet.
    """
    why = rules.text("reason", reason, least=5, most=2000)
    if actor.staff_id is None or department_id not in [unit.pk for unit in contestable(row, actor)]:
        raise NotYours("只能对本单位的考核结果提出申诉", action="object_to")
    if row.published_at is None:
        raise RuleBroken("考核公布后才能申诉", rule="not_published")
    try:
        with transaction.atomic():
            made = Objection.objects.create(
                appraisal=row,
                department_id=department_id,
                reason=why,
                asked_at=now or timezone.now(),
                asked_by_id=actor.staff_id,
            )
            ledger.note(made, new=True)
            return made
    except IntegrityError as error:
        raise RuleBroken("本单位对这一版考核已有待复核的申诉", rule="open_objection") from error


def rule(pk: int, *, actor: Actor, upheld: bool, opinion: str, now: datetime | None = None) -> Objection:
    """The ruling of a supervisor of the city who stands outside the unit."""
    text = rules.text("opinion", opinion, least=5, most=1000)
    with transaction.atomic():
        row = Objection.objects.select_for_update().filter(pk=pk, ruling=Ruling.OPEN).first()
        if row is None:
            raise RuleBroken("没有待复核的考核申诉", rule="no_objection")
        standing = actor.standing
        if standing is None or not standing.holds_in(Role.SUPERVISOR, row.appraisal.region_id):
            raise NotYours("考核申诉由督办员复核", action="rule")
        if row.department_id in standing.departments or row.asked_by_id == actor.staff_id:
            raise RuleBroken("不能复核本单位提出的申诉", rule="own_unit")
        row.ruling = Ruling.UPHELD if upheld else Ruling.REJECTED
        row.ruled_at, row.ruled_by_id, row.opinion = now or timezone.now(), actor.staff_id, text
        row.save(update_fields=["ruling", "ruled_at", "ruled_by", "opinion"])
        ledger.note(row)
    return row
