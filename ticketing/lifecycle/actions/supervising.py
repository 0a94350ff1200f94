"""督办: the ladder's steps, the units' answers, and what the timers note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from directory.worktime.limits import working_days
from directory.worktime.source import calendar_for
from ticketing import ladder
from ticketing.errors import BadInput, RuleBroken
from ticketing.lifecycle import people, rules
from ticketing.lifecycle.actions.dispatching import due_words
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action
from ticketing.models import Supervision
from ticketing.terms import LadderStep


@dataclass(frozen=True, kw_only=True)
class Supervise(Command):
    """One step of the ladder towards the lead (or a named share's unit), with who must answer by when."""

    action: ClassVar[Action] = Action.SUPERVISE
    step: str
    reason: str
    demand: str = ""
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        step = LadderStep(rules.choice("step", self.step, LadderStep))
        reason = rules.text("reason", self.reason, least=2, most=1000)
        share = next((a for a in case.assignments if a.pk == self.assignment), None) if self.assignment else case.lead
        if share is None:
            raise RuleBroken("尚无承办单位，不能督办", rule="no_share")
        case.begin(Action.SUPERVISE, reason=reason)
        case.event.assignment = share
        due = working_days(case.now, ladder.answer_within(step), calendar_for(case.ticket.city_id)).due_at
        case.add(
            Supervision(
                ticket=case.ticket,
                department_id=share.department_id,
                step=step,
                number=ladder.number(case),
                reason=reason,
                demand=self.demand,
                issued_at=case.now,
                issued_by_id=case.actor.staff_id,
                answer_due_at=due,
            )
        )
        case.fact(step=step, answer_due_at=due)
        ladder.raise_to(case, step)
        people.to_unit(case, share.department_id, "unit_supervised", step=step.label, due=due_words(due))


@dataclass(frozen=True, kw_only=True)
class AnswerSupervision(Command):
    """督办反馈: the unit says what it did about a step."""

    action: ClassVar[Action] = Action.ANSWER_SUPERVISION
    supervision: int
    answer: str

    def decide(self, case: Case) -> None:
        answer = rules.text("answer", self.answer, least=2, most=3000)
        units = case.actor.standing.departments if case.actor.standing else frozenset()
        row = Supervision.objects.filter(pk=self.supervision, ticket=case.ticket, department_id__in=units).first()
        if row is None or row.answered_at is not None:
            raise BadInput("supervision", "没有待反馈的督办")
        case.begin(Action.ANSWER_SUPERVISION)
        case.event.department_id = row.department_id
        case.change(row, answer=answer, answered_at=case.now)
        case.fact(supervision=row.pk, in_time=row.answer_due_at is None or case.now <= row.answer_due_at)
