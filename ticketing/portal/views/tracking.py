"""Following a complaint without an account: by number and code, or by phone and SMS code."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ticketing.errors import TicketError
from ticketing.models import Ticket
from ticketing.portal import owned, proof, smscodes, words
from ticketing.portal.forms import CodeForm, NumberForm, PhoneForm
from ticketing.portal.throttle import CODES_FROM_HERE, WRONG_FROM_HERE, address
from ticketing.terms import Status

_PHONE = "portal.phone"
_TOO_MANY = "此处索取验证码太频繁，请一小时后再试，或拨打 12345"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, NumberForm(), PhoneForm(), 200)
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _page(request, form, PhoneForm(), 422)
    try:
        ticket = proof.by_code(form.cleaned_data["number"], form.cleaned_data["code"], address(request))
    except TicketError as error:
        form.add_error(None, str(error))
        return _page(request, form, PhoneForm(), 429)
    if ticket is None:
        form.add_error(None, proof.WRONG)
        return _page(request, form, PhoneForm(), 422)
    request.session.cycle_key()
    return redirect("portal:ticket", token=owned.own(request, [ticket.pk])[ticket.pk])


def _page(request: HttpRequest, number: NumberForm, phone: PhoneForm, status: int) -> HttpResponse:
    facts = {"form": number, "phone_form": phone, "count": len(owned.owned(request))}
    return render(request, "ticketing/portal/track.html", facts, status=status)


@never_cache
def phone(request: HttpRequest) -> HttpResponse:
    """Sends a code. The answer is the same whether the phone is known here or not."""
    if request.method != "POST":
        return redirect("portal:track")
    form, here = PhoneForm(request.POST), address(request)
    if not form.is_valid():
        return _page(request, NumberForm(), form, 422)
    if CODES_FROM_HERE.reached(here):
        form.add_error("phone", _TOO_MANY)
        return _page(request, NumberForm(), form, 429)
    CODES_FROM_HERE.count(here)
    try:
        request.session[_PHONE] = smscodes.send(form.cleaned_data["phone"])
    except TicketError as error:
        form.add_error("phone", str(error))
        return _page(request, NumberForm(), form, 429)
    return redirect("portal:track_code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    hashed = request.session.get(_PHONE)
    if not hashed:
        return redirect("portal:track")
    if request.method != "POST":
        return _code_page(request, CodeForm(), 200)
    form, here = CodeForm(request.POST), address(request)
    if not form.is_valid():
        return _code_page(request, form, 422)
    if WRONG_FROM_HERE.reached(here):
        form.add_error("sms", proof.WAIT)
        return _code_page(request, form, 429)
    if not smscodes.prove(hashed, form.cleaned_data["sms"]):
        WRONG_FROM_HERE.count(here)
        form.add_error("sms", "验证码不对或已过期，请重新填写，或返回重新获取")
        return _code_page(request, form, 422)
    request.session.cycle_key()
    request.session.pop(_PHONE, None)
    owned.own(request, smscodes.tickets_of(hashed))
    return redirect("portal:track_list")


def _code_page(request: HttpRequest, form: CodeForm, status: int) -> HttpResponse:
    shown_on_desk = settings.DEMO and not settings.SMS_GATEWAY_URL
    return render(request, "ticketing/portal/code.html", {"form": form, "on_desk": shown_on_desk}, status=status)


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    tokens = owned.owned(request)
    if not tokens:
        return redirect("portal:track")
    tickets = Ticket.objects.filter(pk__in=tokens).select_related("lead").order_by("-created_at")
    rows = [(ticket, tokens[ticket.pk], _headline(ticket)) for ticket in tickets]
    return render(request, "ticketing/portal/list.html", {"rows": rows})


def _headline(ticket: Ticket) -> str:
    return words.STATUS[Status(ticket.status)][0].format(unit=ticket.lead or "责任单位")


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    owned.leave(request)
    messages.success(request, "已退出查询，这台设备上不再显示您的诉求。")
    return redirect("portal:track")
