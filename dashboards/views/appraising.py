"""考核: frozen months, exclusion requests, objections, and the monthly report."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from dashboards import appraisal, objections, report
from dashboards.access import Viewer, figures_page, viewer
from dashboards.measures.scope import month_of
from dashboards.models import Appraisal, Exclusion
from dashboards.show import present
from directory.models import Department, DepartmentKind
from ticketing.errors import TicketError
from ticketing.models import Ticket


def _frozen(who: Viewer) -> QuerySet[Appraisal]:
    """The versions that somebody may see: who does not see the whole city, only what was published."""
    found = Appraisal.objects.filter(region_id=who.scope.city)
    return found if who.of_city else found.filter(published_at__isnull=False)


def _exclusions(who: Viewer) -> QuerySet[Exclusion]:
    found = Exclusion.objects.select_related("ticket", "department", "asked_by", "ruled_by").order_by("-asked_at")
    if not who.whole:
        return found.filter(department_id__in=who.units)
    return found if who.of_city else found.filter(ticket__in=present.tickets(who.scope))


@figures_page
def index(request: HttpRequest) -> HttpResponse:
    who = viewer(request)
    context = {"viewer": who, "frozen": _frozen(who), "exclusions": _exclusions(who)[:100]}
    return render(request, "dashboards/appraisals.html", context)


@figures_page
def show(request: HttpRequest, pk: int) -> HttpResponse:
    who = viewer(request)
    row = get_object_or_404(_frozen(who), pk=pk)
    labels = dict(DepartmentKind.choices)
    kinds = [(labels.get(kind, kind), rows) for kind, rows in appraisal.by_kind(row.scores).items()]
    month = appraisal.month_of(row.month)
    heard = row.objections.select_related("department", "asked_by", "ruled_by")
    context = {
        "viewer": who,
        "row": row,
        "kinds": kinds,
        "intact": appraisal.intact(row),
        "month": urlencode({"from": month.first.isoformat(), "to": month.last.isoformat()}),
        "changed": appraisal.changed_since(row) if who.of_city else [],
        "objections": heard if who.of_city else heard.filter(department_id__in=who.units),
        "mine": objections.contestable(row, who.actor) if row.published_at else [],
    }
    return render(request, "dashboards/appraisal.html", context)


@figures_page
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """One door for the pages' forms: freeze, publish, ask for an exclusion, object, and rule on either."""
    door = _DOORS.get(request.POST.get("do", ""))
    if door is None:
        raise Http404
    try:
        door(request)
    except (TicketError, ValueError) as error:
        messages.error(request, str(error))
    back = request.POST.get("back", "")
    return redirect("figures:appraisal", int(back)) if back.isdecimal() else redirect("figures:appraisals")


def _freeze(request: HttpRequest) -> None:
    _supervisor(request)
    first = month_of(request.POST.get("month", ""))
    who = viewer(request)
    row = appraisal.freeze(who.scope.city, first, actor=who.actor, reason=request.POST.get("reason", ""))
    messages.success(request, f"已冻结 {row}")


def _publish(request: HttpRequest) -> None:
    _supervisor(request)
    who = viewer(request)
    row = get_object_or_404(Appraisal, pk=_number(request), region_id=who.scope.city)
    appraisal.publish(row, actor=who.actor)
    messages.success(request, "已公布")


def _exclude(request: HttpRequest) -> None:
    who = viewer(request)
    ticket = Ticket.objects.filter(number=request.POST.get("number", "").strip()).first()
    share = ticket.assignments.filter(department_id__in=who.units).first() if ticket else None
    if ticket is None or share is None:
        raise ValueError("没有本单位承办的这张工单")
    appraisal.ask_exclusion(ticket, share.department_id, actor=who.actor, reason=request.POST.get("reason", ""))
    messages.success(request, "已申请剔除")


def _rule(request: HttpRequest) -> None:
    granted = request.POST.get("granted") == "1"
    opinion = request.POST.get("opinion", "")
    appraisal.rule_exclusion(_number(request), actor=viewer(request).actor, granted=granted, opinion=opinion)
    messages.success(request, "已裁定")


def _object(request: HttpRequest) -> None:
    who = viewer(request)
    row = get_object_or_404(_frozen(who), pk=_number(request))
    unit = Department.objects.filter(code=request.POST.get("unit", "")).values_list("pk", flat=True).first() or 0
    objections.object_to(row, unit, actor=who.actor, reason=request.POST.get("reason", ""))
    messages.success(request, "已提出申诉")


def _judge(request: HttpRequest) -> None:
    upheld, opinion = request.POST.get("upheld") == "1", request.POST.get("opinion", "")
    objections.rule(_number(request), actor=viewer(request).actor, upheld=upheld, opinion=opinion)
    messages.success(request, "已复核")


def _supervisor(request: HttpRequest) -> None:
    if not viewer(request).supervises_city:
        raise Http404


def _number(request: HttpRequest) -> int:
    text = request.POST.get("pk", "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


_DOORS = {
    "freeze": _freeze, "publish": _publish, "exclude": _exclude, "rule": _rule, "object": _object, "judge": _judge,
}  # fmt: skip


TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@figures_page
def monthly(request: HttpRequest, month: str, kind: str) -> HttpResponse:
    """The report of a month as Word or PDF, made on the spot."""
    if not viewer(request).whole:
        raise Http404
    try:
        first = month_of(month)
    except ValueError as error:
        raise Http404 from error
    response = HttpResponse(report.MAKERS[kind](first, viewer(request).scope), content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="report-{month}.{kind}"'
    return response
