"""The supervision ladder as configuration, and its automatic steps (yellow, red) when clocks warn and breach."""

from __future__ import annotations

from ticketing.terms import LadderStep

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
    from ticketing.models import LadderRule

    row = LadderRule.objects.filter(step=step).first()
    return row.answer_working_days if row else ANSWER_WITHIN[step]


def automatic(step: LadderStep) -> bool:
    """Whether the timers climb this step by themselves (default: yellow and red)."""
    from ticketing.models import LadderRule

    row = LadderRule.objects.filter(step=step).first()
    return row.automatic if row else step in (LadderStep.YELLOW, LadderStep.RED)
