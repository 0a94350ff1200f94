"""延期: asked before expiry, once, at most the original limit and ten working days (DOMAIN §2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ticketing.clocks import running
from ticketing.errors import BadInput, RuleBroken
from ticketing.lifecycle import people, rules
from ticketing.lifecycle.actions.dispatching import due_words
from ticketing.lifecycle.capacities import is_lead
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action, Capacity
from ticketing.models import Assignment, Clock, Decision, ExtensionRequest
from ticketing.terms import ClockName, ClockState, LimitUnit

MOST_WORKING_DAYS = 10
#: a long-term promise (承诺办理) reaches at most nine months: about 189 working days
MOST_PROMISED_WORKING_DAYS = 189


def cap(clock: Clock) -> int:
    """The most working days an ordinary extension of this clock may bring: the original limit, and ten."""
    limit = int(str(clock.policy["limit"])) if clock.policy["unit"] == LimitUnit.WORKING_DAYS else MOST_WORKING_DAYS
    return min(limit, MOST_WORKING_DAYS)


def _clock(case: Case, share: Assignment) -> Clock:
    clock = case.clock(ClockName.HANDLE, share) or case.clock(ClockName.REDO, share)
    if clock is None:
        raise RuleBroken("没有正在计时的办理时钟", rule="not_running")
    return clock


@dataclass(frozen=True, kw_only=True)
class AskExtension(Command):
    """申请延期. A second one is decided by a supervisor only; a promise needs a plan told to the citizen."""

    action: ClassVar[Action] = Action.ASK_EXTENSION
    working_days: int
    reason: str
    promise: bool = False
    plan: str = ""
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        share = rules.own_share(case, self.assignment)
        clock = _clock(case, share)
        reason = rules.text("reason", self.reason, least=2, most=2000)
        most = MOST_PROMISED_WORKING_DAYS if self.promise else cap(clock)
        if not 1 <= self.working_days <= most:
            raise BadInput("working_days", f"“延期工作日”应为 1 至 {most}", most=most)
        if self.promise:
            rules.text("plan", self.plan, least=5, most=2000)
        if clock.state == ClockState.RUNNING and clock.due_at is not None and case.now > clock.due_at:
            raise RuleBroken("期限已过，不能再申请延期", rule="late")
        if ExtensionRequest.objects.filter(assignment=share, decision=Decision.OPEN).exists():
            raise RuleBroken("已有待审批的延期申请", rule="open_request")
        case.begin(Action.ASK_EXTENSION, reason=reason)
        case.event.assignment = share
        case.fact(working_days=self.working_days, promise=self.promise)
        case.add(
            ExtensionRequest(
                ticket=case.ticket,
                assignment=share,
                reason=reason,
                working_days=self.working_days,
                promise=self.promise,
                plan=self.plan,
                asked_at=case.now,
                asked_by_id=case.actor.staff_id,
            )
        )
        running.start(case, ClockName.EXTENSION, share)


@dataclass(frozen=True, kw_only=True)
class _Ruling(Command):
    opinion: str = ""
    assignment: int | None = None

    def request(self, case: Case) -> tuple[ExtensionRequest, Assignment]:
        rows = ExtensionRequest.objects.filter(ticket=case.ticket, decision=Decision.OPEN).order_by("pk")
        request = rows.filter(assignment_id=self.assignment).first() if self.assignment else rows.first()
        if request is None:
            raise RuleBroken("没有待审批的延期申请", rule="no_request")
        rules.someone_else(case, request.asked_by_id)
        return request, next(share for share in case.assignments if share.pk == request.assignment_id)

    def settle(self, case: Case, request: ExtensionRequest, share: Assignment, decision: Decision) -> None:
        case.event.assignment = share
        case.change(
            request,
            decision=decision,
            opinion=self.opinion,
            decided_at=case.now,
            decided_by_id=case.actor.staff_id,
        )
        running.stop(case, ClockName.EXTENSION, share)
        result = "同意" if decision == Decision.APPROVED else "不同意"
        people.to_unit(case, share.department_id, "unit_extension", result=result)


@dataclass(frozen=True, kw_only=True)
class ApproveExtension(_Ruling):
    """同意延期: counts from the old due time, also when decided after it; the citizen is told."""

    action: ClassVar[Action] = Action.APPROVE_EXTENSION
    granted_days: int | None = None

    def decide(self, case: Case) -> None:
        request, share = self.request(case)
        granted = request.working_days if self.granted_days is None else self.granted_days
        if not 1 <= granted <= request.working_days:
            raise BadInput("granted_days", f"“批准工作日”应为 1 至 {request.working_days}")
        if (share.extended or request.promise) and Capacity.SUPERVISOR not in case.capacities():
            raise RuleBroken("第二次延期和承诺办理由督办员审批", rule="supervisor")
        clock = _clock(case, share)
        case.begin(Action.APPROVE_EXTENSION, reason=self.opinion[:500])
        self.settle(case, request, share, Decision.APPROVED)
        case.change(request, granted_days=granted)
        case.change(share, extended=share.extended + 1)
        case.fact(granted_days=granted)
        running.extend(case, clock, granted, request.asked_at)
        if is_lead(share):
            people.to_citizen(case, "extended", due=due_words(clock.due_at))


@dataclass(frozen=True, kw_only=True)
class RejectExtension(_Ruling):
    """驳回延期: the old limit stands."""

    action: ClassVar[Action] = Action.REJECT_EXTENSION

    def decide(self, case: Case) -> None:
        rules.text("opinion", self.opinion, least=2, most=1000)
        request, share = self.request(case)
        case.begin(Action.REJECT_EXTENSION, reason=self.opinion)
        self.settle(case, request, share, Decision.REJECTED)
