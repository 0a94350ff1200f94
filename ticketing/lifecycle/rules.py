"""Checks that several actions share; each refusal names its rule."""

from __future__ import annotations

from directory.access import departments_below
from directory.models import Category, Department, Region
from ticketing.errors import BadInput, NotYours, RuleBroken
from ticketing.models import Assignment, Ticket
from ticketing.terms import Kind, Urgency

from .case import Case
from .table import RULERS


def text(field: str, content: str, *, least: int = 1, most: int = 5000) -> str:
    """The stripped text, or `BadInput` naming the field and the accepted length."""
    stripped = content.strip()
    if not least <= len(stripped) <= most:
        raise BadInput(field, f"“{field}”应为 {least} 至 {most} 个字，现为 {len(stripped)} 个字")
    return stripped


def choice(field: str, content: str, accepted: type) -> str:
    values = list(accepted.values)  # type: ignore[attr-defined]
    if content not in values:
        raise BadInput(field, f"“{field}”只接受：{'、'.join(map(str, values))}", accepted=values)
    return content


def unit(field: str, pk: int) -> Department:
    """The active department with that id."""
    found = Department.objects.filter(pk=pk, active=True).first()
    if found is None:
        raise BadInput(field, f"“{field}”不是启用的承办单位：{pk}")
    return found


def category(field: str, pk: int) -> Category:
    found = Category.objects.filter(pk=pk, active=True).select_related("parent__parent").first()
    if found is None:
        raise BadInput(field, f"“{field}”不是启用的分类：{pk}")
    return found


def region(field: str, code: str) -> Region:
    found = Region.objects.filter(pk=code).first()
    if found is None:
        raise BadInput(field, f"“{field}”不是已登记的区划代码：{code}")
    return found


def not_the_accused(ticket: Ticket, department: Department) -> None:
    """A complaint about a unit never goes to that unit, nor to one below it (DOMAIN: how to read the limits)."""
    accused = ticket.complained_unit_id
    if accused and department.pk in departments_below([accused]):
        raise RuleBroken(f"本工单反映的是“{department}”的问题，不能派给该单位或其下级", rule="accused_unit")


def machine_may_dispatch(ticket: Ticket) -> str | None:
    """Why this ticket must not be dispatched by machine alone; None when it may be."""
    if ticket.kind == Kind.REPORT:
        return "举报件须人工派单"
    if ticket.confidential:
        return "保密件须人工派单"
    if ticket.urgency != Urgency.NORMAL:
        return "紧急件须人工派单"
    if ticket.suspected_110:
        return "疑似110事项须人工派单"
    return None


def own_share(case: Case, assignment_id: int | None) -> Assignment:
    share = case.own_share(assignment_id)
    if share is None:
        raise RuleBroken("您的单位没有这张工单的在办任务", rule="no_share")
    return share


def gave(case: Case, share: Assignment) -> None:
    """Who is not the hotline rules only on shares that the own unit gave (delegated) itself."""
    if case.capacities() & RULERS:
        return
    units = case.actor.standing.departments if case.actor.standing else frozenset()
    parent = next((a for a in case.assignments if a.pk == share.parent_id), None) if share.parent_id else None
    if parent is None or parent.department_id not in units:
        raise NotYours("只能处理本单位交办的任务")


def someone_else(case: Case, asked_by: int | None) -> None:
    """Nobody rules on their own request."""
    if asked_by is not None and asked_by == case.actor.staff_id:
        raise RuleBroken("不能审批自己的申请", rule="own_request")
