"""考核: a month's scores per unit, frozen with everything they follow from, so that they can be recomputed years later.

A late event never changes a frozen version: `freeze` again writes a dated correction beside it, with its reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from dashboards.measures import counting
from dashboards.measures.counters import COUNTERS
from dashboards.measures.definitions import measure, version_of
from dashboards.measures.evaluate import SMALL, counters_of, evaluate, weights_for
from dashboards.measures.scope import Period, Scope, month_end
from dashboards.measures.sources import SOURCES
from dashboards.models import Appraisal, Exclusion
from directory.models import Department, DepartmentKind, Role
from ticketing.errors import NotYours, RuleBroken
from ticketing.journal import ledger
from ticketing.lifecycle import rules
from ticketing.lifecycle.actors import Actor
from ticketing.models import Assignment, Ticket

#: what is scored; the last is made of the three before it
SCORED = ("close_on_time", "response_rate", "solved_rate", "satisfaction_rate", "overall_score")
#: lowest score of each tier
TIERS = ((95, "优秀"), (85, "良好"), (70, "合格"), (0, "待改进"))
FEW = "样本少"


def month_of(first: date) -> Period:
    """The whole month that `first` lies in."""
    return Period(first.replace(day=1), month_end(first))


def inputs(city: str, first: date) -> dict[str, Any]:
    """Everything the scores follow from: weights, versions of the measures, counts per unit, granted exclusions."""
    period = month_of(first)
    items = [measure(code, period.first) for code in SCORED]
    names = counters_of(items)
    counts = counting.broken_down_direct(names, period, Scope(city), "unit", date.max)
    exclusions = list(Exclusion.objects.filter(granted=True, ticket__city_id=city).select_related("ticket"))
    left_out = [row for row in exclusions if _take_out(counts, names, period, row)]
    units = {str(unit.pk): unit for unit in Department.objects.filter(pk__in=[int(key) for key in counts])}
    return {
        "city": city,
        "month": period.first.isoformat(),
        "weights": {name: str(weight) for name, weight in weights_for(city, period.first).items()},
        "versions": {item.code: item.version for item in items},
        "tiers": [[least, name] for least, name in TIERS],
        "few": SMALL,
        "units": {
            units[key].code: {"name": str(units[key]), "kind": units[key].kind, "counts": dict(sorted(row.items()))}
            for key, row in sorted(counts.items())
            if key in units
        },
        "exclusions": [
            {"ticket": row.ticket.number, "unit": row.department_id, "reason": row.reason, "ruling": row.opinion}
            for row in left_out
        ],
    }


def _take_out(counts: dict[str, dict[str, int]], names: list[str], period: Period, row: Exclusion) -> bool:
    """Subtracts what the excluded ticket counts for its unit in the month; says whether it counted at all."""
    key = str(row.department_id)
    found = False
    for name in names:
        source = SOURCES[COUNTERS[name].source]
        scope = Scope(row.ticket.city_id, {"unit": frozenset({key})})
        query = counting.rows(COUNTERS[name], period, scope, date.max)
        n = query.filter(**{source.ticket: row.ticket_id}).count()
        if n:
            counts[key][name] = counts[key].get(name, 0) - n
            found = True
    return found


def scores(given: dict[str, Any]) -> dict[str, Any]:
    """Unit code → its figures, score and tier. A pure function of `inputs`: formulas, weights and tiers are theirs."""
    items = [version_of(code, given["versions"][code]) for code in SCORED]
    tiers, few = given.get("tiers", TIERS), given.get("few", SMALL)
    weights = {name: Decimal(text) for name, text in given["weights"].items()}
    found: dict[str, Any] = {}
    for code, unit in given["units"].items():
        made = evaluate(items, unit["counts"], weights)
        found[code] = {
            "name": unit["name"],
            "kind": unit["kind"],
            "figures": {name: [made[name].value, made[name].numerator, made[name].denominator] for name in SCORED},
            "tier": _tier(made["overall_score"].value, made["response_rate"].denominator or 0, tiers, few),
        }
    return found


def _tier(score: float | None, cases: int, tiers: Iterable[Sequence[Any]], few: int) -> str:
    if score is None or cases < few:
        return FEW
    return next(str(name) for least, name in tiers if score >= least)


def digest(given: dict[str, Any], made: dict[str, Any]) -> str:
    text = json.dumps([given, made], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def freeze(
    city: str, first: date, *, actor: Actor | None = None, reason: str = "", now: datetime | None = None
) -> Appraisal:
    """Freezes an ended month; a second time only with a reason and when something changed since.

    Raises `RuleBroken` for a month that is not over, for nothing new, and for a correction without a reason.
    """
    moment = now or timezone.now()
    period = month_of(first)
    if period.last >= timezone.localdate(moment):
        raise RuleBroken("当月尚未结束，不能冻结考核", rule="month_open")
    given = inputs(city, period.first)
    made = scores(given)
    with transaction.atomic():
        last = Appraisal.objects.select_for_update().filter(region_id=city, month=period.first).first()
        if last is not None and {**given, **last.inputs} == {**last.inputs, **given}:
            raise RuleBroken(f"与第{last.version}版一致，没有需要更正的内容", rule="unchanged")
        if last is not None and len(reason.strip()) < 2:
            raise RuleBroken("更正已冻结的考核须写明原因", rule="reason")
        row = Appraisal.objects.create(
            region_id=city,
            month=period.first,
            version=last.version + 1 if last else 1,
            frozen_at=moment,
            frozen_by_id=actor.staff_id if actor else None,
            reason=reason.strip()[:300],
            inputs=given,
            scores=made,
            digest=digest(given, made),
        )
        ledger.note(row, new=True)
    return row


def intact(row: Appraisal) -> bool:
    """Whether the frozen inputs still give the frozen scores, and neither was altered."""
    return scores(row.inputs) == row.scores and digest(row.inputs, row.scores) == row.digest


#: a measure's name with its figure (value, numerator, denominator) as frozen and as it is now
Moved = tuple[str, list[Any], list[Any]]


def changed_since(row: Appraisal) -> list[tuple[str, str, list[Moved]]]:
    """What late events would change in the newest version of a month: (code, unit, what moved).

    Nothing for a version that was corrected already.
    """
    newest = Appraisal.objects.filter(region_id=row.region_id, month=row.month).order_by("-version").first()
    if newest is None or newest.pk != row.pk:
        return []
    was, is_now = row.scores, scores(inputs(row.region_id, row.month))
    nothing: dict[str, Any] = {"figures": {name: [None, 0, 0] for name in SCORED}}
    found = []
    for code in sorted(was.keys() | is_now.keys()):
        old, new = was.get(code, nothing), is_now.get(code, nothing)
        moved = [
            (version_of(name, row.inputs["versions"][name]).name, old["figures"][name], new["figures"][name])
            for name in SCORED
            if old["figures"][name] != new["figures"][name]
        ]
        if moved:
            found.append((code, (new if code in is_now else old)["name"], moved))
    return found


def publish(row: Appraisal, *, actor: Actor | None = None, now: datetime | None = None) -> None:
    """公布: once; a correction is published beside it. On record in the ledger, as all that happens to a version."""
    with transaction.atomic():
        fresh = Appraisal.objects.filter(pk=row.pk, published_at__isnull=True)
        if fresh.update(published_at=now or timezone.now(), published_by_id=actor.staff_id if actor else None):
            ledger.note(row)


def ask_exclusion(ticket: Ticket, department_id: int, *, actor: Actor, reason: str) -> Exclusion:
    """剔除申请 of a unit that has or had a share of the ticket."""
    why = rules.text("reason", reason, least=5, most=2000)
    units = actor.standing.units(Role.UNIT_HEAD) if actor.standing else frozenset()
    shared = Assignment.objects.filter(ticket=ticket, department_id=department_id).exists()
    if department_id not in units or not shared or actor.staff_id is None:
        raise NotYours("只能为本单位承办的工单申请剔除", action="ask_exclusion")
    with transaction.atomic():
        row, new = Exclusion.objects.get_or_create(
            ticket=ticket,
            department_id=department_id,
            defaults={"reason": why, "asked_at": timezone.now(), "asked_by_id": actor.staff_id},
        )
        if not new:
            raise RuleBroken("该工单已申请过剔除", rule="asked")
        ledger.note(row, new=True)
    return row


def rule_exclusion(pk: int, *, actor: Actor, granted: bool, opinion: str) -> Exclusion:
    """The ruling of a supervisor outside the unit; it shows in the next version of the month."""
    text = rules.text("opinion", opinion, least=2, most=1000)
    with transaction.atomic():
        row = Exclusion.objects.select_for_update().select_related("ticket").filter(pk=pk, granted=None).first()
        if row is None:
            raise RuleBroken("没有待裁定的剔除申请", rule="no_request")
        standing = actor.standing
        if standing is None or not standing.holds_in(Role.SUPERVISOR, row.ticket.city_id):
            raise NotYours("剔除申请由督办员裁定", action="rule_exclusion")
        if row.department_id in standing.departments:
            raise RuleBroken("不能裁定本单位的申请", rule="own_unit")
        row.granted, row.opinion, row.ruled_at, row.ruled_by_id = granted, text, timezone.now(), actor.staff_id
        row.save(update_fields=["granted", "opinion", "ruled_at", "ruled_by"])
        ledger.note(row)
    return row


def by_kind(made: dict[str, Any]) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Like with like: the units of each kind, kinds as everywhere, units in the order of their codes."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {kind: [] for kind in DepartmentKind.values}
    for code, row in sorted(made.items()):
        found.setdefault(row["kind"], []).append((code, row))
    return {kind: rows for kind, rows in found.items() if rows}
