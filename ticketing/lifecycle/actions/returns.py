"""退单: a unit says before signing that a matter is not its duty; the hotline rules on it.

DOMAIN §2: asked before 签收 and within one working day of dispatch, with ground, cited duty and suggested unit. Each is
ruled on; the second's ruling binds and becomes a dated row of the dispatch catalogue. A designated unit cannot return.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone

from directory import duties
from directory.models import Department, Duty
from directory.worktime.limits import working_days
from directory.worktime.source import calendar_for
from ticketing.clocks import running
from ticketing.errors import BadInput, RuleBroken
from ticketing.lifecycle import people, rules
from ticketing.lifecycle.capacities import is_lead
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action
from ticketing.models import Assignment, Decision, ReturnRequest
from ticketing.refusals import return_ground
from ticketing.terms import AssignmentStatus, ClockName, ClockState

RETURN_WITHIN_WORKING_DAYS = 1
#: the second one's ruling binds: whom it names, or whom the hotline designates, keeps the ticket
MOST_RETURNS = 2


@dataclass(frozen=True, kw_only=True)
class AskReturn(Command):
    """申请退单. The sign clock stands still until the ruling; the handle clock does not."""

    action: ClassVar[Action] = Action.ASK_RETURN
    also: ClassVar[tuple[Action, ...]] = (Action.SHARE_ASK_RETURN,)
    ground: str
    cited_duty: str
    reason: str
    suggested_unit: int | None = None
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        own = rules.own_share(case, self.assignment)
        ground = return_ground(self.ground)
        cited = rules.text("cited_duty", self.cited_duty, least=2, most=300)
        reason = rules.text("reason", self.reason, least=2, most=2000)
        suggested = rules.unit("suggested_unit", self.suggested_unit) if self.suggested_unit else None
        self._check(case, own, suggested)
        case.begin(Action.ASK_RETURN if is_lead(own) else Action.SHARE_ASK_RETURN, reason=reason)
        case.event.assignment = own
        case.change(own, status=AssignmentStatus.RETURN_ASKED)
        case.add(
            ReturnRequest(
                ticket=case.ticket,
                assignment=own,
                ground=ground.code,
                cited_duty=cited,
                reason=reason,
                suggested_unit=suggested,
                asked_at=case.now,
                asked_by_id=case.actor.staff_id,
            )
        )
        case.fact(ground=ground.code, cited_duty=cited, suggested_unit=suggested.pk if suggested else None)
        sign = case.clock(ClockName.SIGN, own)
        if sign is not None and sign.state == ClockState.RUNNING:
            running.pause(case, sign, "申请退单，等待裁定")
        running.start(case, ClockName.RULING, own)

    def _check(self, case: Case, own: Assignment, suggested: Department | None) -> None:
        if own.status != AssignmentStatus.TO_SIGN:
            raise RuleBroken("签收后不能退单", rule="signed")
        if own.designated:
            raise RuleBroken("指定承办的工单不能退单", rule="designated")
        if is_lead(own) and case.ticket.return_count >= MOST_RETURNS:
            raise RuleBroken("本工单已退单两次，裁定有约束力，不能再退单", rule="returns_used")
        if ReturnRequest.objects.filter(assignment=own, decision=Decision.REJECTED).exists():
            raise RuleBroken("退单申请已被驳回，请签收办理", rule="return_rejected")
        if suggested is not None and suggested.pk == own.department_id:
            raise BadInput("suggested_unit", "建议承办单位不能是本单位")
        if own.dispatched_at is not None:
            limit = working_days(own.dispatched_at, RETURN_WITHIN_WORKING_DAYS, calendar_for(case.ticket.city_id))
            if limit.due_at is not None and case.now > limit.due_at:
                raise RuleBroken(
                    f"退单应在派单后1个工作日内提出，期限为 {timezone.localtime(limit.due_at):%Y-%m-%d %H:%M}",
                    rule="return_window",
                )


@dataclass(frozen=True, kw_only=True)
class _Ruling(Command):
    opinion: str
    assignment: int | None = None

    def request(self, case: Case) -> tuple[ReturnRequest, Assignment]:
        """The open request this ruling is about, and its share (the case's own object)."""
        open_ones = list(ReturnRequest.objects.filter(ticket=case.ticket, decision=Decision.OPEN).order_by("pk"))
        shares = {share.pk: share for share in case.assignments}
        for request in open_ones:
            share = shares[request.assignment_id]
            wanted = share.pk == self.assignment if self.assignment else is_lead(share)
            if wanted or (self.assignment is None and request is open_ones[-1]):
                rules.someone_else(case, request.asked_by_id)
                if not is_lead(share):
                    rules.gave(case, share)
                return request, share
        raise RuleBroken("没有待裁定的退单申请", rule="no_request")

    def settle(self, case: Case, request: ReturnRequest, share: Assignment, decision: Decision) -> None:
        case.event.assignment = share
        case.change(
            request,
            decision=decision,
            opinion=self.opinion,
            decided_at=case.now,
            decided_by_id=case.actor.staff_id,
        )
        running.stop(case, ClockName.RULING, share)


@dataclass(frozen=True, kw_only=True)
class ApproveReturn(_Ruling):
    """同意退单: the share ends, the ticket waits for the next dispatch; from the second on the ruling binds.

    A binding ruling names the `right_unit` and becomes a duty row valid from today, so the next such ticket goes there.
    """

    action: ClassVar[Action] = Action.APPROVE_RETURN
    also: ClassVar[tuple[Action, ...]] = (Action.SHARE_APPROVE_RETURN,)
    right_unit: int | None = None

    def decide(self, case: Case) -> None:
        opinion = rules.text("opinion", self.opinion, least=2, most=1000)
        request, share = self.request(case)
        lead = is_lead(share)
        right = rules.unit("right_unit", self.right_unit) if self.right_unit else None
        binding = lead and case.ticket.return_count >= 1
        if binding:
            right = right or request.suggested_unit
            if right is None:
                raise BadInput("right_unit", "第二次退单的裁定具有约束力，请确定承办单位")
            rules.not_the_accused(case.ticket, right)
        case.begin(Action.APPROVE_RETURN if lead else Action.SHARE_APPROVE_RETURN, reason=opinion)
        self.settle(case, request, share, Decision.APPROVED)
        running.stop_share(case, share, state=ClockState.CANCELLED)
        case.change(share, status=AssignmentStatus.RETURNED, ended_at=case.now)
        if lead:
            self._back(case)
        if binding and right is not None:
            self._bind(case, request, right)

    def _back(self, case: Case) -> None:
        """Assists of the returned lead end with it; the ticket waits for its next unit."""
        for other in case.open_shares():
            running.stop_share(case, other, state=ClockState.CANCELLED)
            case.change(other, status=AssignmentStatus.CANCELLED, ended_at=case.now)
        case.put(return_count=case.ticket.return_count + 1, lead=None)
        running.start(case, ClockName.DISPATCH)

    def _bind(self, case: Case, request: ReturnRequest, right: Department) -> None:
        number = f"裁定-{case.ticket.number}-{case.ticket.return_count}"
        case.change(request, binding=True, ruling_number=number)
        case.fact(binding=True, right_unit=right.pk)
        case.put(proposal=_ruled(case.ticket.proposal, right, number))
        if case.ticket.category_id is not None:
            case.add(
                Duty(
                    category_id=case.ticket.category_id,
                    region_id=case.ticket.region_id,
                    lead=right,
                    valid_from=timezone.localdate(case.now),
                    legal_basis=self.opinion[:300],
                    source_ruling=number,
                )
            )
            transaction.on_commit(duties.changed)  # the next such ticket goes where the ruling says


def _ruled(plan: dict[str, Any], right: Department, number: str) -> dict[str, Any]:
    """The proposal after a ruling: its unit, and why, in place of the catalogue's unit, assists and line of reasons."""
    reasons = list(plan.get("reasons") or [])
    if plan.get("duty") is not None or plan.get("ruling"):  # the unit's line is the last one
        reasons = reasons[:-1]
    kept = {name: value for name, value in plan.items() if name not in ("duty", "assists")}
    return kept | {"department": right.pk, "ruling": number, "reasons": [*reasons, f"{number}：由{right}承办"]}


@dataclass(frozen=True, kw_only=True)
class RejectReturn(_Ruling):
    """驳回退单: the unit signs; its sign clock goes on where it stood."""

    action: ClassVar[Action] = Action.REJECT_RETURN
    also: ClassVar[tuple[Action, ...]] = (Action.SHARE_REJECT_RETURN,)

    def decide(self, case: Case) -> None:
        opinion = rules.text("opinion", self.opinion, least=2, most=1000)
        request, share = self.request(case)
        case.begin(Action.REJECT_RETURN if is_lead(share) else Action.SHARE_REJECT_RETURN, reason=opinion)
        self.settle(case, request, share, Decision.REJECTED)
        case.change(share, status=AssignmentStatus.TO_SIGN)
        sign = case.clock(ClockName.SIGN, share)
        if sign is not None and sign.state == ClockState.PAUSED:
            running.resume(case, sign)
        people.to_unit(case, share.department_id, "unit_return_rejected")
