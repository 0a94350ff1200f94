"""Where people rate: the page behind a window's code (also a kiosk for a tablet) and the one behind an SMS link."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache

from ticketing.errors import TicketError
from ticketing.reviews import points
from ticketing.reviews.models import RatingPoint
from ticketing.reviews.rating import current_options
from ticketing.terms import Satisfaction

#: a kiosk goes back to the start after so many seconds
KIOSK_SECONDS = 12
#: and forgets what somebody chose and left
IDLE_SECONDS = 90


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    options = current_options()
    levels = [
        (value, label, (options.options if options else {}).get(str(value), []))
        for value, label in Satisfaction.choices
    ]
    status = 400 if context.get("error") else 200
    if request.method == "POST":  # what was said is not lost with a refusal
        context["level"], _, context["remark"] = _given(request)
    return render(request, "dashboards/rate.html", {"levels": levels, "kiosk": False, **context}, status=status)


def _given(request: HttpRequest) -> tuple[int, tuple[str, ...], str]:
    text = request.POST.get("level", "")
    level = int(text) if text.isdigit() and len(text) == 1 else 0
    options = tuple(code for code in request.POST.getlist(f"option-{level}") if len(code) < 40)
    return level, options, request.POST.get("remark", "")


@never_cache
def visit(request: HttpRequest, token: str) -> HttpResponse:
    """一次一评 at a window. Nobody has to say who they are."""
    point = RatingPoint.objects.select_related("department", "item").filter(token=token).first()
    if point is None:
        raise Http404
    key = request.GET.get("kiosk", "")
    kiosk = constant_time_compare(key, points.kiosk_key(point))
    about = {"title": str(point), "unit": str(point.department), "kiosk": kiosk, "seconds": KIOSK_SECONDS}
    about |= {"idle": IDLE_SECONDS, "key": key}
    if request.method != "POST":
        return _page(request, visit=secrets.token_urlsafe(12), **about)
    level, options, remark = _given(request)
    try:
        points.rate_visit(
            point,
            visit=request.POST.get("visit", ""),
            level=level,
            options=options,
            remark=remark,
            origin="" if kiosk else request.META.get("REMOTE_ADDR", ""),
        )
    except TicketError as error:
        return _page(
            request, visit=request.POST.get("visit", ""), error="请选择一个等级" if not level else str(error), **about
        )
    return render(request, "dashboards/rated.html", about)


@never_cache
def call(request: HttpRequest, signed: str) -> HttpResponse:
    """一次一评 through the link in the SMS after a call."""
    key = points.call_of(signed)
    if not key:
        raise Http404
    about = {"title": "本次通话服务", "unit": "12345热线", "changeable": True}
    if request.method != "POST":
        return _page(request, **about)
    level, options, remark = _given(request)
    try:
        points.rate_call(key, level=level, options=options, remark=remark)
    except TicketError as error:
        return _page(request, error="请选择一个等级" if not level else str(error), **about)
    return render(request, "dashboards/rated.html", about)


@never_cache
def message(request: HttpRequest, signed: str) -> HttpResponse:
    """一事一评 through the link in the SMS; it opens nothing but the rating."""
    ticket = points.ticket_of(signed)
    if ticket is None:
        raise Http404
    about = {"title": f"工单 {ticket.number} 的办理", "unit": str(ticket.lead or "12345热线"), "changeable": True}
    if request.method != "POST":
        return _page(request, **about)
    level, options, remark = _given(request)
    try:
        points.rate_ticket(ticket, level=level, options=options, remark=remark)
    except TicketError as error:
        return _page(request, error="请选择一个等级" if not level else str(error), **about)
    return render(request, "dashboards/rated.html", about)
