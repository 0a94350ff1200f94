"""Actions from the ticket page: read the form, call the command, show the ticket or the refusal."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ticketing.desk import offers, page
from ticketing.desk.access import actor_of, staff_page
from ticketing.desk.dispatching import triage_and_dispatch
from ticketing.desk.forms.actions import ActionForm, DispatchNowForm
from ticketing.desk.offers import Offer
from ticketing.desk.views import gone
from ticketing.desk.views.ticket import refused
from ticketing.errors import BadInput, TicketError, TicketNotFound
from ticketing.lifecycle.actions import COMMANDS
from ticketing.lifecycle.engine import act
from ticketing.lifecycle.table import Action

UNPROCESSABLE = 422


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
