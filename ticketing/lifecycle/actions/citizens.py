"""What the citizen may do with an own ticket: urge, add, rate, reopen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.conf import settings

from ticketing.clocks import running
from ticketing.errors import RuleBroken
from ticketing.lifecycle import people, rules
from ticketing.lifecycle.actions.checking import start_redo
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action
from ticketing.models import Note
from ticketing.terms import ClockName, Satisfaction

URGE_AGAIN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Urge(Command):
    """催办: the one who waits asks; the unit is told. A citizen may do so once a day."""

    action: ClassVar[Action] = Action.URGE
    reason: str = ""

    def decide(self, case: Case) -> None:
        if case.actor.kind == "citizen":
            last = case.ticket.events.filter(action=Action.URGE, actor_kind="citizen").order_by("-seq").first()
            if last is not None and case.now - last.at < URGE_AGAIN_AFTER:
                raise RuleBroken("24小时内已催办过，请稍候", rule="urge_daily")
        case.begin(Action.URGE, reason=self.reason[:500])
        case.put(urge_count=case.ticket.urge_count + 1)
        for share in case.open_shares():
            people.to_unit(case, share.department_id, "unit_urged")


@dataclass(frozen=True, kw_only=True)
class AddEvidence(Command):
    """补充材料: further words (files go through `ticketing.attachments`); whoever handles it sees them."""

    action: ClassVar[Action] = Action.EVIDENCE
    text: str

    def decide(self, case: Case) -> None:
        content = rules.text("text", self.text, most=3000)
        case.begin(Action.EVIDENCE)
        case.add(Note(ticket=case.ticket, kind="evidence", text=content, public=True, created_at=case.now))


@dataclass(frozen=True, kw_only=True)
class Rate(Command):
    """评价: five levels, voluntary; the handling review of GB/T 39735."""

    action: ClassVar[Action] = Action.RATE
    level: int
    remark: str = ""

    def decide(self, case: Case) -> None:
        rules.choice("level", self.level, Satisfaction)  # type: ignore[arg-type]
        case.begin(Action.RATE)
        case.fact(level=self.level)
        if self.remark.strip():
            case.add(Note(ticket=case.ticket, kind="rating", text=self.remark.strip()[:2000], created_at=case.now))


def _in_window(case: Case) -> None:
    closed = case.ticket.closed_at
    if closed is not None and case.now - closed > timedelta(days=settings.REOPEN_DAYS):
        raise RuleBroken(f"办结超过 {settings.REOPEN_DAYS} 天，请重新提交诉求", rule="reopen_window")


@dataclass(frozen=True, kw_only=True)
class Reopen(Command):
    """群众重开: within the window after closing, once; goes back to the unit, or to dispatch after a direct answer."""

    action: ClassVar[Action] = Action.REOPEN
    also: ClassVar[tuple[Action, ...]] = (Action.REOPEN_ANSWER,)
    reason: str

    def decide(self, case: Case) -> None:
        reason = rules.text("reason", self.reason, least=2, most=1000)
        _in_window(case)
        if case.ticket.reopen_count >= 1:
            raise RuleBroken("已重开过一次，请联系12345", rule="reopen_once")
        if case.lead is None:
            case.begin(Action.REOPEN_ANSWER, reason=reason)
            running.start(case, ClockName.DISPATCH)
            case.put(closed_at=None, replied_at=None, public_answer="")
        else:
            case.begin(Action.REOPEN, reason=reason)
            start_redo(case)
        case.put(reopen_count=case.ticket.reopen_count + 1)
