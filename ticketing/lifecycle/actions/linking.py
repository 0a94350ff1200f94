"""Tickets of one problem: merging, relating, splitting a text with several demands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ticketing.clocks import running
from ticketing.errors import BadInput, RuleBroken
from ticketing.lifecycle import people, rules
from ticketing.lifecycle.actions.answering import end_shares
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action
from ticketing.models import Link, Ticket
from ticketing.terms import OPEN, ClockName


@dataclass(frozen=True, kw_only=True)
class MergeInto(Command):
    """并单: one master carries the work; this one keeps its number, its answer and its right to rate."""

    action: ClassVar[Action] = Action.MERGE
    master: str
    reason: str = ""

    def decide(self, case: Case) -> None:
        master = Ticket.objects.filter(number=self.master, city_id=case.ticket.city_id).first()
        if master is None or master.pk == case.ticket.pk:
            raise BadInput("master", "主工单编号不存在或就是本工单")
        if master.master_id is not None or master.status not in OPEN:
            raise RuleBroken("主工单已办结或已并入别的工单", rule="master_open")
        if case.ticket.merged.exists():
            raise RuleBroken("本工单自己是主工单，请先撤销并入它的工单", rule="is_master")
        case.begin(Action.MERGE, reason=self.reason[:500])
        end_shares(case)
        case.put(master=master, lead=None)
        people.to_citizen(case, "merged")


@dataclass(frozen=True, kw_only=True)
class Unmerge(Command):
    """撤销并单: not the same problem after all."""

    action: ClassVar[Action] = Action.UNMERGE
    reason: str

    def decide(self, case: Case) -> None:
        case.begin(Action.UNMERGE, reason=rules.text("reason", self.reason, least=2, most=500))
        case.put(master=None)
        running.start(case, ClockName.DISPATCH)


@dataclass(frozen=True, kw_only=True)
class Split(Command):
    """拆分: the text held several demands; `children` are the numbers of the tickets made of the others."""

    action: ClassVar[Action] = Action.SPLIT
    children: tuple[str, ...]

    def decide(self, case: Case) -> None:
        if not self.children:
            raise BadInput("children", "请给出拆分出的诉求")
        case.begin(Action.SPLIT)
        case.fact(children=list(self.children))


@dataclass(frozen=True, kw_only=True)
class LinkTo(Command):
    """关联: notes that another ticket is related, without changing either."""

    action: ClassVar[Action] = Action.LINK
    other: str
    kind: str = "related"

    def decide(self, case: Case) -> None:
        other = Ticket.objects.filter(number=self.other, city_id=case.ticket.city_id).first()
        if other is None or other.pk == case.ticket.pk:
            raise BadInput("other", "关联工单编号不存在或就是本工单")
        if self.kind not in ("related", "same_problem"):
            raise BadInput("kind", "“kind”只接受：related、same_problem")
        if Link.objects.filter(ticket=case.ticket, other=other, kind=self.kind).exists():
            raise RuleBroken("已经关联", rule="linked")
        case.begin(Action.LINK)
        case.add(Link(ticket=case.ticket, other=other, kind=self.kind, created_at=case.now))
        case.fact(other=other.number, kind=self.kind)
