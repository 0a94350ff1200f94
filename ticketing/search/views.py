"""The search page of the desk."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from directory.models import Staff
from ticketing.errors import TicketNotFound
from ticketing.lifecycle.actors import Actor, staff_actor
from ticketing.visibility import get

from . import service
from .documents import FIELDS, BadQuery
from .facets import groups
from .forms import DAYS, SearchForm


def _actor(request: HttpRequest) -> Actor:
    assert isinstance(request.user, Staff)
    return staff_actor(request.user)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The form, and what it finds. A GET lists the newest tickets one may see."""
    sent = request.POST if request.method == "POST" else QueryDict()
    form = SearchForm(sent)
    context: dict[str, object] = {"form": form, "sent": sent}
    status = 200
    if form.is_valid():
        try:
            answer = service.find(_actor(request), form.query(sent), phone=form.cleaned_data["phone"])
            context |= {
                "answer": answer,
                "results": answer.results,
                "groups": groups(answer.results.facets, sent),
                "again": bool(form.cleaned_data["cursor"]),
                "narrowed": any(sent.get(name) for name in (*FIELDS, *DAYS)),
            }
        except BadQuery as error:
            context["refused"], status = _said(error), 422
    else:
        status = 422
    return render(request, "ticketing/search.html", context, status=status)


def _said(error: BadQuery) -> str:
    text = str(error)
    if "phone" in text:
        return "按来电号码查询需要相应权限。"
    if "cursor" in text:
        return "翻页位置已失效，请重新搜索。"
    if "relevance" in text:
        return "按相关度最多显示一万条，请缩小范围或按时间排序。"
    return text


@never_cache
@login_required
@require_POST
def suggest(request: HttpRequest) -> JsonResponse:
    """Completions for what is being typed (`text`)."""
    return JsonResponse({"suggestions": service.suggest(_actor(request), request.POST.get("text", "")[:60])})


@never_cache
@login_required
@require_GET
def alike(request: HttpRequest, number: str) -> JsonResponse:
    """Tickets like the one with this number; 404 when one may not see it."""
    actor = _actor(request)
    try:
        ticket = get(actor, number)
    except TicketNotFound as error:
        return JsonResponse({"error": str(error), "code": error.code}, status=error.status)
    found = service.alike(actor, ticket.pk)
    return JsonResponse(
        {
            "alike": [
                {"number": one.ticket.number, "title": one.ticket.title, "status": one.ticket.get_status_display()}
                for one in found
            ]
        }
    )
