"""The supervision ladder as configuration, and its automatic steps (yellow, red) when clocks warn and breach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory.worktime.limits import working_days
from directory.worktime.source import calendar_for
from ticketing.models import Clock, LadderRule, Supervision
from ticketing.terms import ClockName, LadderStep

if TYPE_CHECKING:
    from ticketing.lifecycle.case import Case

#: working days within which the unit answers; Shandong's practice for yellow and red, our defaults for the rest
ANSWER_WITHIN = {
    LadderStep.URGE: 1,
    LadderStep.YELLOW: 1,
    LadderStep.RED: 1,
    LadderStep.ORDER: 3,
    LadderStep.SECOND_ORDER: 2,
    LadderStep.CIRCULAR: 2,
    LadderStep.INTERVIEW: 3,
    LadderStep.HAND_OVER: 5,
}


def answer_within(step: LadderStep) -> int:
    """Working days to answer a step: the configured row, else the default."""
    row = LadderRule.objects.filter(step=step).first()
    return row.answer_working_days if row else ANSWER_WITHIN[step]


def automatic(step: LadderStep) -> bool:
    """Whether the timers climb this step by themselves (default: yellow and red)."""
    row = LadderRule.objects.filter(step=step).first()
    return row.automatic if row else step in (LadderStep.YELLOW, LadderStep.RED)


def climb(case: Case, step: LadderStep, clock: Clock) -> None:
    """An automatic step for the unit whose clock warned or ran out; history climbs no ladder."""
    share = clock.assignment
    if share is None or case.ticket.history or not automatic(step):
        return
    case.add(
        Supervision(
            ticket=case.ticket,
            department_id=share.department_id,
            step=step,
            number=number(case),
            reason=f"{ClockName(clock.name).label}{'期限将至' if step == LadderStep.YELLOW else '超期'}（系统）",
            issued_at=case.now,
            answer_due_at=working_days(case.now, answer_within(step), calendar_for(case.ticket.city_id)).due_at,
        )
    )
    case.fact(step=step)
    raise_to(case, step)


def raise_to(case: Case, step: LadderStep) -> None:
    """The ticket shows the highest step reached in this round of handling."""
    order = list(LadderStep)
    if not case.ticket.ladder or order.index(step) > order.index(LadderStep(case.ticket.ladder)):
        case.put(ladder=step)


def number(case: Case) -> str:
    """`督` + date and tail of the ticket's number + its place in the journal."""
    return f"督{case.ticket.number[:6]}-{case.ticket.number[-6:]}-{case.ticket.version + len(case.events)}"
