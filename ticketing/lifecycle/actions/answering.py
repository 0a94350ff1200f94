"""Ways out before a unit is needed: direct answer, refusal, 110, other platforms, withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ticketing.clocks import running
from ticketing.errors import BadInput, RuleBroken
from ticketing.lifecycle import people, rules
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action
from ticketing.models import Reply
from ticketing.refusals import refusal
from ticketing.terms import ASSIGNMENT_OPEN, AssignmentStatus, ClockName, ClockState


def end_shares(case: Case) -> None:
    """Cancels what units still hold and every running clock."""
    for clock in list(case.clocks):
        # the hotline's own clock was met by this action; a unit's was only called off
        running.stop(case, clock.name, clock.assignment, state=ClockState.CANCELLED if clock.assignment else None)
    for share in case.assignments:
        if share.status in ASSIGNMENT_OPEN:
            case.change(share, status=AssignmentStatus.CANCELLED, ended_at=case.now)


@dataclass(frozen=True, kw_only=True)
class Answer(Command):
    """直接答复: what can be answered at once is answered at once."""

    action: ClassVar[Action] = Action.ANSWER
    answer: str
    knowledge: str = ""

    def decide(self, case: Case) -> None:
        content = rules.text("answer", self.answer, least=2)
        case.begin(Action.ANSWER)
        end_shares(case)
        case.add(Reply(ticket=case.ticket, public_answer=content, created_at=case.now))
        case.put(public_answer=content, replied_at=case.now, closed_at=case.now)
        case.fact(knowledge=self.knowledge)
        people.to_citizen(case, "answered")


@dataclass(frozen=True, kw_only=True)
class Refuse(Command):
    """不予受理: a code of the list with its script; the citizen is told what else can be done (国办发〔2020〕53号)."""

    action: ClassVar[Action] = Action.REFUSE
    code: str
    explanation: str = ""

    def decide(self, case: Case) -> None:
        entry = refusal(self.code)
        case.begin(Action.REFUSE, reason=entry.name)
        end_shares(case)
        answer = f"{entry.script}{self.explanation.strip()}"
        case.put(refusal_code=self.code, public_answer=answer, replied_at=case.now, closed_at=case.now)
        people.to_citizen(case, "refused")


@dataclass(frozen=True, kw_only=True)
class To110(Command):
    """转110: clear police matters and danger go over at once, with the caller's consent (国办发〔2022〕12号)."""

    action: ClassVar[Action] = Action.TO_110
    reason: str
    consent: bool = True
    way: str = "one_key"

    def decide(self, case: Case) -> None:
        if self.way not in ("one_key", "three_way", "ticket", "guided"):
            raise BadInput("way", "“way”只接受：one_key、three_way、ticket、guided")
        case.begin(Action.TO_110, reason=rules.text("reason", self.reason, most=500))
        end_shares(case)
        case.fact(consent=self.consent, way=self.way)
        case.put(closed_at=case.now)
        people.to_citizen(case, "to_110")


@dataclass(frozen=True, kw_only=True)
class BackFrom110(Command):
    """110 did its part; what is left for 12345 comes back as the same ticket."""

    action: ClassVar[Action] = Action.BACK_FROM_110
    result: str

    def decide(self, case: Case) -> None:
        case.begin(Action.BACK_FROM_110, reason=rules.text("result", self.result, most=2000))
        case.put(closed_at=None, suspected_110=False)
        running.start(case, ClockName.DISPATCH)


@dataclass(frozen=True, kw_only=True)
class ToPlatform(Command):
    """转其他平台: matters of another level or place go to that platform, with its number when known."""

    action: ClassVar[Action] = Action.TO_PLATFORM
    platform: str
    reason: str
    their_number: str = ""

    def decide(self, case: Case) -> None:
        platform = rules.text("platform", self.platform, most=80)
        case.begin(Action.TO_PLATFORM, reason=rules.text("reason", self.reason, most=500))
        end_shares(case)
        case.fact(platform=platform, their_number=self.their_number)
        case.put(closed_at=case.now)
        people.to_citizen(case, "to_platform", unit=platform)


@dataclass(frozen=True, kw_only=True)
class Withdraw(Command):
    """撤回: the citizen takes the matter back before it was answered. Not while others' complaints hang on it."""

    action: ClassVar[Action] = Action.WITHDRAW
    reason: str = ""

    def decide(self, case: Case) -> None:
        lead = case.lead
        if case.ticket.merged.exists():
            raise RuleBroken("其他群众反映的同一问题已并入本单一并办理，不能撤回", rule="is_master")
        case.begin(Action.WITHDRAW, reason=self.reason[:500])
        end_shares(case)
        case.put(closed_at=case.now)
        if lead is not None:
            case.event.department_id = lead.department_id
