"""One own ticket: its progress, and what its citizen may do."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ticketing import attachments
from ticketing.attachments.kinds import ACCEPT_ATTRIBUTE, ACCEPTED
from ticketing.errors import BadInput, TicketError
from ticketing.lifecycle.actions.answering import Withdraw
from ticketing.lifecycle.actions.citizens import Rate, Reopen, Urge
from ticketing.lifecycle.engine import Command, act
from ticketing.portal import owned
from ticketing.portal.forms import EvidenceForm, RateForm, ReasonForm, ReopenForm
from ticketing.portal.progress import load, progress
from ticketing.portal.throttle import first_time, not_done

from .uploads import bounded

#: address → (form, the command made of it, what the citizen reads when it is done)
_COMMANDS: dict[str, tuple[type[forms.Form], Callable[[forms.Form], Command], str]] = {
    "urge": (
        ReasonForm,
        lambda form: Urge(reason=form.cleaned_data["reason"]),
        "已催办，承办单位会收到提醒。",
    ),
    "withdraw": (
        ReasonForm,
        lambda form: Withdraw(reason=form.cleaned_data["reason"]),
        "诉求已撤回。",
    ),
    "reopen": (
        ReopenForm,
        lambda form: Reopen(reason=form.cleaned_data["reason"]),
        "已要求重新办理，我们会继续跟进。",
    ),
    "rate": (
        RateForm,
        lambda form: Rate(level=form.cleaned_data["level"], remark=form.cleaned_data["remark"]),
        "谢谢您的评价。",
    ),
}


def _owned(request: HttpRequest, token: str) -> int:
    """The ticket behind the token in this session; anybody else finds nothing here."""
    pk = owned.ticket_id(request, token)
    if pk is None:
        raise Http404
    return pk


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, token, _owned(request, token))


def _page(request: HttpRequest, token: str, pk: int, **bound: object) -> HttpResponse:
    """The page; `bound` replaces the forms that were sent and names the refusal, the status comes from it."""
    ticket = load(pk)
    if ticket is None:
        raise Http404
    facts: dict[str, object] = {
        "token": token,
        "progress": progress(ticket),
        "evidence_form": EvidenceForm(initial={"once": secrets.token_urlsafe(16)}, auto_id="evidence_%s"),
        "urge_form": ReasonForm(auto_id="urge_%s"),
        "withdraw_form": ReasonForm(auto_id="withdraw_%s"),
        "reopen_form": ReopenForm(auto_id="reopen_%s"),
        "rate_form": RateForm(auto_id="rate_%s"),
        "accept": ACCEPT_ATTRIBUTE,
        "accepted": ACCEPTED,
    }
    status = int(str(bound.pop("status", 200)))
    return render(request, "ticketing/portal/ticket.html", facts | bound, status=status)


@never_cache
@bounded
def act_on(request: HttpRequest, token: str, action: str) -> HttpResponse:
    pk = _owned(request, token)
    if request.method != "POST":  # somebody reloaded the address of an answered form
        return redirect("portal:ticket", token=token)
    if action == "evidence":
        return _evidence(request, token, pk)
    if action not in _COMMANDS:
        raise Http404
    kind, command, done = _COMMANDS[action]
    form = kind(request.POST, auto_id=f"{action}_%s")
    version = request.POST.get("version", "")
    if not form.is_valid():
        return _page(request, token, pk, status=422, open=action, **{f"{action}_form": form})
    seen = int(version) if action == "rate" and version.isdecimal() and len(version) < 9 else None
    try:
        act(pk, command(form), actor=owned.actor(request), version=seen)
    except TicketError as error:
        facts = {f"{action}_form": form, "refusal": str(error), "open": action}
        return _page(request, token, pk, status=error.status, **facts)
    messages.success(request, done)
    return redirect("portal:ticket", token=token)


def _evidence(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    form, uploads = EvidenceForm(request.POST, auto_id="evidence_%s"), request.FILES.getlist("files")
    if form.is_valid() and not uploads and not form.cleaned_data["text"].strip():
        form.add_error("text", "请写明要补充的情况，或选择文件")
    if not form.is_valid():
        return _page(request, token, pk, status=422, open="evidence", evidence_form=form)
    once = f"{pk}:{form.cleaned_data['once']}"
    if first_time(once):
        try:
            attachments.add(pk, uploads, actor=owned.actor(request), text=form.cleaned_data["text"])
        except TicketError as error:
            not_done(once)
            if isinstance(error, BadInput):
                form.add_error(None if error.field == "files" else "text", str(error))
            facts: dict[str, object] = {"open": "evidence", "refusal": str(error), "evidence_form": form}
            return _page(request, token, pk, status=error.status, **facts)
        except BaseException:
            not_done(once)
            raise
    messages.success(request, "已补充，办理单位可以看到。")
    return redirect("portal:ticket", token=token)
