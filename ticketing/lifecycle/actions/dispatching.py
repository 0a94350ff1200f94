"""To a unit: dispatch, designation, further assists, delegation below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from directory.access import departments_below
from directory.models import Department
from ticketing.clocks import running
from ticketing.errors import BadInput, RuleBroken
from ticketing.lifecycle import people, rules
from ticketing.lifecycle.actions.answering import end_shares
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action
from ticketing.models import Assignment, Correction, Decision, ExtensionRequest, ReturnRequest, Ticket
from ticketing.terms import ASSIGNMENT_OPEN, AssignmentStatus, ClockName, Part, Urgency

#: after this many dispatches without an owner the hotline designates (DOMAIN §2, 退单)
DISPATCHES_BEFORE_DESIGNATION = 3


def give(
    case: Case,
    unit: Department,
    part: Part,
    *,
    opinion: str,
    parent: Assignment | None = None,
    designated: bool = False,
) -> Assignment:
    """A new share for `unit` with its sign and handle clocks; refuses the accused unit and one that has a share."""
    rules.not_the_accused(case.ticket, unit)
    if any(a.department_id == unit.pk and a.status in ASSIGNMENT_OPEN for a in case.assignments):
        raise RuleBroken(f"“{unit}”已有本工单的在办任务", rule="has_share")
    share = Assignment(
        ticket=case.ticket,
        parent=parent,
        level=parent.level + 1 if parent else 1,
        round=case.ticket.dispatch_count,
        department=unit,
        part=part,
        opinion=opinion,
        designated=designated,
        dispatched_at=case.now,
    )
    case.assign(share)
    running.start(case, ClockName.SIGN, share)
    running.start(case, ClockName.HANDLE, share)
    return share


def due_words(moment: datetime | None) -> str:
    from directory.worktime.times import due_text

    return due_text(moment) if moment else "（暂停计时）"


def _send(case: Case, lead: Department, assists: list[Department], opinion: str, *, designated: bool) -> None:
    case.put(
        dispatch_count=case.ticket.dispatch_count + 1,
        dispatched_at=case.now,
        first_dispatched_at=case.ticket.first_dispatched_at or case.now,
        lead=lead,
        signed_at=None,
        designated=designated,
        ladder="",
    )
    share = give(case, lead, Part.LEAD, opinion=opinion, designated=designated)
    for unit in assists:
        give(case, unit, Part.ASSIST, opinion=opinion)
    handle = case.clock(ClockName.HANDLE, share)
    if case.ticket.promised_at is None and handle is not None:
        case.put(promised_at=handle.due_at)
    case.event.assignment = share
    case.fact(lead=lead.pk, assists=[unit.pk for unit in assists])
    sign = case.clock(ClockName.SIGN, share)
    template = "unit_urgent" if case.ticket.urgency != Urgency.NORMAL else "unit_new"
    for unit in (lead, *assists):
        people.to_unit(case, unit.pk, template, due=due_words(sign.due_at if sign else None))
    people.to_citizen(case, "dispatched", unit=lead, due=due_words(handle.due_at if handle else None))


@dataclass(frozen=True, kw_only=True)
class _ToUnit(Command):
    lead: int
    assists: tuple[int, ...] = ()
    opinion: str = ""
    reason: str = ""

    def units(self) -> tuple[Department, list[Department]]:
        if self.lead in self.assists:
            raise BadInput("assists", "主办单位不能同时是协办单位")
        return rules.unit("lead", self.lead), [rules.unit("assists", pk) for pk in dict.fromkeys(self.assists)]


@dataclass(frozen=True, kw_only=True)
class Dispatch(_ToUnit):
    """派单: one lead, any number of assists, each with its own clocks.

    By machine only what may be (never 举报, 保密, urgent, suspected 110); never to the unit complained about; after a
    binding ruling to the unit that it names (who knows better designates, with a reason).
    """

    action: ClassVar[Action] = Action.DISPATCH

    def decide(self, case: Case) -> None:
        lead, assists = self.units()
        if not case.ticket.kind:
            raise BadInput("kind", "派单前请先确定诉求类型")
        if case.actor.kind == "system":
            forbidden = rules.machine_may_dispatch(case.ticket)
            if forbidden:
                raise RuleBroken(forbidden, rule="never_by_machine")
        if case.ticket.dispatch_count >= DISPATCHES_BEFORE_DESIGNATION:
            raise RuleBroken("已派单三次仍无单位承办，应指定承办", rule="designate")
        _as_ruled(case.ticket, lead)
        _learn_unit(case, lead, self.reason)
        case.begin(Action.DISPATCH, reason=self.reason)
        running.stop(case, ClockName.DISPATCH)
        _send(case, lead, assists, self.opinion, designated=False)


def _as_ruled(ticket: Ticket, lead: Department) -> None:
    ruling, right = ticket.proposal.get("ruling"), ticket.proposal.get("department")
    if ruling and right != lead.pk:
        named = Department.objects.filter(pk=right).first()
        raise RuleBroken(f"{ruling}确定由“{named}”承办，应派给该单位；确需改派的请指定承办", rule="ruling")


def _learn_unit(case: Case, lead: Department, why: str) -> None:
    proposed = case.ticket.proposal.get("department")
    if case.actor.kind == "staff" and proposed and proposed != lead.pk:
        case.add(
            Correction(
                ticket=case.ticket,
                field="department",
                proposed=str(proposed),
                chosen=str(lead.pk),
                department=lead,
                confidence=case.ticket.proposal.get("confidence"),
                by_id=case.actor.staff_id,
                why=why[:300],
                at=case.now,
            )
        )


@dataclass(frozen=True, kw_only=True)
class Designate(_ToUnit):
    """指定承办: the hotline names the unit that must take it; it cannot be returned (Anhui 2025, third dispatch)."""

    action: ClassVar[Action] = Action.DESIGNATE

    def decide(self, case: Case) -> None:
        lead, assists = self.units()
        rules.text("reason", self.reason, least=2, most=500)
        if not case.ticket.kind:
            raise BadInput("kind", "指定承办前请先确定诉求类型")
        case.begin(Action.DESIGNATE, reason=self.reason)
        end_shares(case)
        _lapse(case, ReturnRequest)
        _send(case, lead, assists, self.opinion, designated=True)


def _lapse(case: Case, *kinds: type[ReturnRequest] | type[ExtensionRequest]) -> None:
    """Open requests of a unit that has the ticket no longer ask nobody any more."""
    for kind in kinds:
        for request in kind.objects.filter(ticket=case.ticket, decision=Decision.OPEN):
            case.change(request, decision=Decision.LAPSED, decided_at=case.now, decided_by_id=case.actor.staff_id)


@dataclass(frozen=True, kw_only=True)
class Recall(Command):
    """收回: the hotline takes the ticket back from all its units before an answer, e.g. when it went to the unit
    complained about; it waits for its next dispatch. The units are told, their clocks are called off."""

    action: ClassVar[Action] = Action.RECALL
    reason: str

    def decide(self, case: Case) -> None:
        reason = rules.text("reason", self.reason, least=2, most=500)
        holders = {share.department_id for share in case.open_shares()}
        case.begin(Action.RECALL, reason=reason)
        case.event.assignment = case.lead
        end_shares(case)
        _lapse(case, ReturnRequest, ExtensionRequest)
        case.put(lead=None)
        running.start(case, ClockName.DISPATCH)
        for pk in sorted(holders):
            people.to_unit(case, pk, "unit_recalled")


@dataclass(frozen=True, kw_only=True)
class AddAssist(Command):
    """增派协办: another unit joins; it gets its own full clocks."""

    action: ClassVar[Action] = Action.ADD_ASSIST
    unit: int
    opinion: str = ""

    def decide(self, case: Case) -> None:
        department = rules.unit("unit", self.unit)
        case.begin(Action.ADD_ASSIST, reason=self.opinion[:500])
        share = give(case, department, Part.ASSIST, opinion=self.opinion)
        case.event.assignment = share
        sign = case.clock(ClockName.SIGN, share)
        people.to_unit(case, department.pk, "unit_new", due=due_words(sign.due_at if sign else None))


@dataclass(frozen=True, kw_only=True)
class Delegate(Command):
    """向下派单: a unit gives its share to a unit of its own below; it stays answerable itself."""

    action: ClassVar[Action] = Action.DELEGATE
    unit: int
    opinion: str = ""
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        department = rules.unit("unit", self.unit)
        own = rules.own_share(case, self.assignment)
        if own.status != AssignmentStatus.HANDLING:
            raise RuleBroken("签收后才能向下派单", rule="sign_first")
        if department.pk == own.department_id or department.pk not in departments_below([own.department_id]):
            raise RuleBroken(f"“{department}”不是本单位的下级", rule="not_below")
        case.begin(Action.DELEGATE, reason=self.opinion[:500])
        share = give(case, department, Part.LEAD, opinion=self.opinion, parent=own)
        case.event.assignment = share
        sign = case.clock(ClockName.SIGN, share)
        people.to_unit(case, department.pk, "unit_new", due=due_words(sign.due_at if sign else None))
