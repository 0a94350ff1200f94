"""Actions from the ticket page: read the form, call the command, show the ticket or the refusal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from ticketing import replycheck
from ticketing.desk import offers, page
from ticketing.desk.access import actor_of, staff_page
from ticketing.desk.dispatching import triage_and_dispatch
from ticketing.desk.forms.actions import ActionForm, DispatchNowForm
from ticketing.desk.offers import Offer
from ticketing.desk.views import gone
from ticketing.desk.views.ticket import refused, shown
from ticketing.errors import BadInput, TicketError, TicketNotFound
from ticketing.lifecycle.actions import COMMANDS
from ticketing.lifecycle.capacities import is_lead
from ticketing.lifecycle.engine import act
from ticketing.lifecycle.table import Action

UNPROCESSABLE = 422
#: characters from which an answer is checked while it is typed
LEAST_CHECKED = 10


@staff_page
@require_POST
def do(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Carries out one action. A refusal shows the ticket as it is now and keeps what was typed."""
    actor = actor_of(request)
    if code not in COMMANDS:
        raise Http404
    action = Action(code)
    try:
        ticket = page.load(actor, number)
    except TicketNotFound:
        return gone.page(request, action)
    offer = offers.of(page.facts(ticket, actor)).get(action, Offer(action))
    form = ActionForm(request.POST, action=action, offer=offer, ticket=ticket)
    if not form.is_valid():
        return refused(request, actor, number, None, form, UNPROCESSABLE)
    try:
        act(ticket.pk, form.to_command(), actor=actor, version=form.cleaned_data["version"])
    except TicketNotFound:
        return gone.page(request, action)
    except TicketError as error:
        return _refused(request, number, form, error)
    messages.success(request, f"已{action.label}。")
    return redirect("desk:ticket", number=number)


def _refused(request: HttpRequest, number: str, form: ActionForm | DispatchNowForm, error: TicketError) -> HttpResponse:
    told = error
    if isinstance(error, BadInput):
        form.refuse(error.field, str(error))
        told = TicketError("请改正下面标出的内容。")
    return refused(request, actor_of(request), number, told, form, error.status)


@staff_page
@require_POST
def check_reply(request: HttpRequest, number: str) -> HttpResponse:
    """What the check says of the answer as it stands in the form; nothing is sent. A part of the page, or without
    scripts the page with what was typed."""
    actor = actor_of(request)
    ticket = page.load(actor, number)
    offer = offers.of(page.facts(ticket, actor)).get(Action.REPLY)
    if offer is None:
        raise Http404
    form = ActionForm(request.POST, action=Action.REPLY, offer=offer, ticket=ticket)
    answer, asked = request.POST.get("public_answer", "").strip()[:5000], request.POST.get("assignment", "")
    share = next((one for one in offer.shares if str(one.pk) == asked), offer.shares[0])
    found = replycheck.verdict(ticket, answer, share.department_id) if len(answer) >= LEAST_CHECKED else None
    context: dict[str, Any] = {"verdict": found, "lead": is_lead(share), "checked": True}
    if request.headers.get("HX-Request"):
        return render(request, "ticketing/desk/_verdict.html", context)
    return shown(request, actor, number, tried=form, told="尚未提交，质检结果见答复表单下方。", **context)


@staff_page
@require_POST
def dispatch_now(request: HttpRequest, number: str) -> HttpResponse:
    """审核并派单: both, or the first with a word on why the second was refused."""
    actor = actor_of(request)
    try:
        ticket = page.load(actor, number)
    except TicketNotFound:
        return gone.page(request, Action.DISPATCH)
    form = DispatchNowForm(request.POST, ticket=ticket)
    if not form.is_valid():
        return refused(request, actor, number, None, form, UNPROCESSABLE)
    triage, dispatch = form.to_commands()
    try:
        triage_and_dispatch(ticket, triage, dispatch, actor=actor, version=form.cleaned_data["version"])
    except TicketNotFound:
        return gone.page(request, Action.DISPATCH)
    except TicketError as error:
        return _refused(request, number, form, error)
    messages.success(request, "已审核并派单。")
    return redirect("desk:ticket", number=number)
