"""The journal told to the citizen, newest last, with public notes in their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ticketing.lifecycle.table import Action
from ticketing.models import ExtensionRequest, Note, Ticket, TicketEvent
from ticketing.terms import CallbackResult, ClockName, LadderStep

from . import words

HOTLINE = "12345热线中心"


@dataclass(frozen=True)
class Step:
    at: datetime
    text: str
    mark: str = ""


def story(ticket: Ticket, events: Sequence[TicketEvent]) -> tuple[Step, ...]:
    """What happened, oldest first."""
    steps = [step for event in events if (step := _step(event))]
    steps.extend(_notes(ticket))
    if any(event.action == Action.APPROVE_EXTENSION for event in events):
        steps.extend(_plans(ticket))
    return tuple(sorted(steps, key=lambda step: step.at))


def _step(event: TicketEvent) -> Step | None:
    pattern = _pattern(event)
    if pattern is None:
        return None
    mark = "late" if event.action == Action.BREACH else ""
    return Step(event.at, pattern.format(**_facts(event)), mark)


def _pattern(event: TicketEvent) -> str | None:
    if event.action == Action.CONTACT:
        return words.CONTACT[bool(event.data.get("reached", True))]
    if event.action == Action.CALL_BACK:
        return words.CALL_BACK[event.data.get("result") == CallbackResult.REACHED]
    if event.action == Action.URGE:
        return words.URGE[event.actor_kind == "citizen"]
    return words.STEPS.get(Action(event.action))


def _facts(event: TicketEvent) -> dict[str, object]:
    data = event.data
    return {
        "unit": str(event.department) if event.department else "承办单位",
        "reason": event.reason or "见答复",
        "platform": data.get("platform", "其他平台"),
        "days": data.get("granted_days", ""),
        "level": words.level(data.get("level")),
        "step": _label(LadderStep, data.get("step"), "督办"),
        "clock": _label(ClockName, data.get("clock"), "办理"),
    }


def _label(kind: type[LadderStep] | type[ClockName], code: object, default: str) -> str:
    return str(kind(str(code)).label) if str(code) in kind.values else default


def _notes(ticket: Ticket) -> Iterable[Step]:
    """What units published, and what the citizen added."""
    rows = Note.objects.filter(ticket=ticket).select_related("assignment__department").order_by("created_at", "pk")
    for note in rows:
        if note.kind in words.NOTES and (note.public or note.kind == "rating"):
            unit = str(note.assignment.department) if note.assignment else HOTLINE
            yield Step(note.created_at, words.NOTES[note.kind].format(text=note.text, unit=unit))


def _plans(ticket: Ticket) -> Iterable[Step]:
    """The plan of a long-term promise, which the citizen must be told."""
    for request in ExtensionRequest.objects.filter(ticket=ticket, decision="approved", promise=True):
        if request.decided_at is not None:
            yield Step(request.decided_at, f"办理计划：{request.plan}")
