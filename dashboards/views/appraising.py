"""考核: frozen months, exclusion requests, and the monthly report."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from dashboards import appraisal, report
from dashboards.access import figures_page, viewer
from dashboards.measures.scope import month_of
from dashboards.models import Appraisal, Exclusion
from directory.models import DepartmentKind
from ticketing.errors import TicketError
from ticketing.models import Ticket


@figures_page
def index(request: HttpRequest) -> HttpResponse:
    who = viewer(request)
    frozen = Appraisal.objects.filter(region_id=who.scope.city)
    asked = Exclusion.objects.select_related("ticket", "department").order_by("-asked_at")
    if not who.whole:
        frozen = frozen.filter(published_at__isnull=False)
        asked = asked.filter(department_id__in=who.units)
    context = {"viewer": who, "frozen": frozen, "exclusions": asked[:100]}
    return render(request, "dashboards/appraisals.html", context)


@figures_page
def show(request: HttpRequest, pk: int) -> HttpResponse:
    who = viewer(request)
    row = get_object_or_404(Appraisal, pk=pk, region_id=who.scope.city)
    if not who.whole and row.published_at is None:
        raise Http404
    labels = dict(DepartmentKind.choices)
    kinds = [(labels.get(kind, kind), rows) for kind, rows in appraisal.by_kind(row.scores).items()]
    month = appraisal.month_of(row.month)
    context = {"viewer": who, "row": row, "kinds": kinds, "intact": appraisal.intact(row)}
    context["month"] = urlencode({"from": month.first.isoformat(), "to": month.last.isoformat()})
    return render(request, "dashboards/appraisal.html", context)


@figures_page
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """One door for the page's forms: freeze, publish, ask for an exclusion, rule on one."""
    try:
        _DOORS[request.POST.get("do", "")](request)
    except KeyError as error:
        raise Http404 from error
    except (TicketError, ValueError) as error:
        messages.error(request, str(error))
    return redirect("figures:appraisals")


def _freeze(request: HttpRequest) -> None:
    _supervisor(request)
    first = month_of(request.POST.get("month", ""))
    who = viewer(request)
    row = appraisal.freeze(who.scope.city, first, actor=who.actor, reason=request.POST.get("reason", ""))
    messages.success(request, f"已冻结 {row}")


def _publish(request: HttpRequest) -> None:
    _supervisor(request)
    appraisal.publish(get_object_or_404(Appraisal, pk=_number(request), region_id=viewer(request).scope.city))
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


def _supervisor(request: HttpRequest) -> None:
    if not viewer(request).supervisor:
        raise Http404


def _number(request: HttpRequest) -> int:
    return int(request.POST.get("pk", ""))


_DOORS = {"freeze": _freeze, "publish": _publish, "exclude": _exclude, "rule": _rule}


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
