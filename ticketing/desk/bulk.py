"""One action on many chosen tickets: what each became, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from ticketing.desk import lists
from ticketing.desk.dispatching import dispatch_by_proposals, dispatch_many
from ticketing.errors import BadInput
from ticketing.lifecycle.actions.checking import ApproveResult
from ticketing.lifecycle.actions.citizens import Urge
from ticketing.lifecycle.actions.dispatching import Dispatch
from ticketing.lifecycle.actions.handling import Sign
from ticketing.lifecycle.actions.supervising import Supervise
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.engine import Outcome, act_many
from ticketing.models import Ticket
from ticketing.visibility import visible

MOST = 200
LABELS = {
    "dispatch": "批量派单",
    "proposals": "按系统建议派单",
    "sign": "批量签收",
    "approve": "批量审核通过",
    "urge": "批量催办",
    "supervise": "批量督办",
}


@dataclass(frozen=True)
class Result:
    """What became of one ticket."""

    ticket: Ticket
    done: bool
    words: str


def chosen(actor: Actor, numbers: Sequence[str]) -> list[Ticket]:
    """The chosen tickets that exist for the actor. Raises `BadInput` for none or too many."""
    if not numbers:
        raise BadInput("number", "请先勾选工单")
    if len(numbers) > MOST:
        raise BadInput("number", f"一次最多选择 {MOST} 张工单")
    return list(visible(actor).filter(number__in=numbers).order_by("pk"))


def carry_out(action: str, tickets: Sequence[Ticket], sent: QueryDict, actor: Actor) -> list[Result]:
    """Acts on each ticket by itself. Raises `BadInput` for an unknown action or a wrong particular."""
    ids = [ticket.pk for ticket in tickets]
    outcomes = _outcomes(action, ids, sent, actor)
    by_id = {ticket.pk: ticket for ticket in tickets}
    return [_result(by_id[outcome.ticket_id], outcome) for outcome in outcomes]


def _outcomes(action: str, ids: list[int], sent: QueryDict, actor: Actor) -> list[Outcome]:
    if action == "proposals":
        return dispatch_by_proposals(ids, actor=actor)
    if action == "dispatch":
        command = Dispatch(lead=_unit(sent.get("lead", "")), opinion=sent.get("opinion", "")[:2000])
        return dispatch_many(ids, command, actor=actor)
    if action == "sign":
        return act_many(ids, Sign(), actor=actor)
    if action == "approve":
        return act_many(ids, ApproveResult(), actor=actor)
    if action == "urge":
        return act_many(ids, Urge(reason=sent.get("reason", "")[:500]), actor=actor)
    if action == "supervise":
        step, reason, demand = (sent.get(name, "").strip() for name in ("step", "reason", "demand"))
        return act_many(ids, Supervise(step=step, reason=reason, demand=demand[:1000]), actor=actor)
    raise BadInput("action", f"“action”只接受：{'、'.join(LABELS)}")


def _unit(typed: str) -> int:
    entry = lists.search(lists.units(), typed) if typed.strip() else None
    if entry is None:
        raise BadInput("lead", f"没有这个单位：{typed}" if typed.strip() else "请选择主办单位")
    return int(entry.key)


def _result(ticket: Ticket, outcome: Outcome) -> Result:
    if outcome.error is not None:
        return Result(ticket, False, str(outcome.error))
    shown = outcome.ticket or ticket
    return Result(shown, True, f"完成，现为“{shown.get_status_display()}”")
