"""Server-rendered pages: the console, the board, listening to a recording."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie

from directory.models import Role, Seat
from telephony.console.access import SEATED, endpoint, may, require
from telephony.console.board import board
from ticketing.terms import Kind, Urgency


@login_required
@ensure_csrf_cookie
def console(request: HttpRequest) -> HttpResponse:
    if not may(request, *SEATED):
        return HttpResponseForbidden("您没有使用座席台的权限")
    context = {
        "seats": Seat.objects.filter(active=True),
        "kinds": Kind.choices,
        "urgencies": Urgency.choices,
        "phone_url": settings.ENV.text("PHONE_WS_URL"),
    }
    return render(request, "telephony/console.html", context)


@login_required
@ensure_csrf_cookie
def board_page(request: HttpRequest) -> HttpResponse:
    if not may(request, Role.SUPERVISOR):
        return HttpResponseForbidden("监控台只对班长开放")
    return render(request, "telephony/board.html", {"board": board()})


@endpoint("GET")
def board_data(request: HttpRequest) -> HttpResponse:
    require(request, Role.SUPERVISOR)
    return JsonResponse(board())
