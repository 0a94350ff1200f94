"""From a proposal to a unit: category × place through the duties; by machine only where that is allowed."""

from __future__ import annotations

import logging
from datetime import date, datetime

from django.utils import timezone

from directory import duties
from directory.duties import Responsible
from directory.models import Category
from ticketing.errors import TicketError
from ticketing.lifecycle import rules
from ticketing.lifecycle.actors import SYSTEM
from ticketing.lifecycle.engine import act
from ticketing.memory import Remembered
from ticketing.models import Ticket
from ticketing.terms import Kind, Status

from .understanding import Understanding

log = logging.getLogger(__name__)


_Question = tuple[str, int, str, date, int]


@Remembered
def _answers() -> dict[_Question, Responsible | None]:
    """The minute's answers: intake asks the same question all day."""
    return {}


def unit_for(
    category_id: int | None, region: str | None, at: datetime, *, but: int | None = None
) -> Responsible | None:
    """The responsible unit, remembered for a minute or until the catalogue changes."""
    if category_id is None:
        return None
    day, known = timezone.localdate(at), _answers()
    question = (duties.state(), category_id, region or "", day, but or 0)
    if question not in known:
        category = Category.objects.select_related("parent__parent").filter(pk=category_id).first()
        known[question] = duties.responsible(category, region, day, but=but)
    return known[question]


def proposal(ticket: Ticket, reading: Understanding, at: datetime) -> dict[str, object]:
    """What the desk shows beside a new ticket: category, unit, confidence and why; `automatic` when all rules allow."""
    category = ticket.category_id or reading.category
    unit = unit_for(category, ticket.region_id or ticket.city_id, at, but=ticket.complained_unit_id)
    found: dict[str, object] = {
        "kind": ticket.kind or reading.kind,
        "category": category,
        "confidence": 1.0 if ticket.category_id else round(reading.confidence, 4),
        "abstained": reading.abstained and ticket.category_id is None,
        "reasons": [*reading.reasons, *([unit.reason] if unit else [])],
        "alternatives": [list(pair) for pair in reading.alternatives],
        "model": reading.model,
    }
    if unit is not None:
        found |= {"department": unit.lead_id, "assists": list(unit.assist_ids), "duty": unit.duty_id}
    if reading.handover:
        found["handover"] = reading.handover
    if (
        unit is not None
        and found["kind"]
        and _certain(reading, category)
        and rules.machine_may_dispatch(ticket) is None
    ):
        found["automatic"] = True
    return found | dict(reading.facts)


def _certain(reading: Understanding, category: int | None) -> bool:
    """Whether a promoted model is sure of the very category that would be used, of a text that does not read like a
    举报: whoever wrote it may have chosen another category, or another kind, than the words say."""
    sure = reading.promoted and not reading.abstained and reading.category == category
    return sure and reading.kind != Kind.REPORT


def dispatch_by_machine(ticket: Ticket) -> bool:
    """Triage and dispatch by the proposal, as the system; says whether it went. A refusal leaves it to a dispatcher."""
    from ticketing.lifecycle.actions.dispatching import Dispatch
    from ticketing.lifecycle.actions.triage import Triage

    plan = ticket.proposal
    reasons = "；".join(str(reason) for reason in plan.get("reasons", []))[:500]
    try:
        if ticket.status == Status.NEW:
            act(
                ticket.pk,
                Triage(kind=str(plan["kind"]), category=int(plan["category"]), reason=reasons),
                actor=SYSTEM,
            )
        act(
            ticket.pk,
            Dispatch(lead=int(plan["department"]), assists=tuple(plan.get("assists", ())), reason=reasons),
            actor=SYSTEM,
        )
    except TicketError as error:
        log.info("ticket %s waits for a dispatcher: %s", ticket.pk, error.code)
        return False
    return True
