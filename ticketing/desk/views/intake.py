"""New tickets taken at the desk, with the machine's proposal while typing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ticketing.desk import duplicates, lists, page
from ticketing.desk.access import actor_of, for_roles
from ticketing.desk.forms.intake import IntakeForm
from ticketing.desk.roles import TAKERS
from ticketing.desk.show import proposal
from ticketing.errors import BadInput, TicketError
from ticketing.intake import hearing, routing
from ticketing.intake.accept import Accepted, accept
from ticketing.intake.report import Report
from ticketing.intake.understanding import understand
from ticketing.lifecycle.actions.linking import Split
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.engine import act
from ticketing.models import Ticket
from ticketing.terms import Urgency


@for_roles(*TAKERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form; a POST registers the ticket, or with `suggest` shows the proposal and registers nothing."""
    actor = actor_of(request)
    parent = _parent(request)
    if request.method != "POST":
        return _form(request, IntakeForm(actor=actor, initial=_from(parent, _part(request))), parent=parent)
    form = IntakeForm(request.POST, actor=actor)
    valid = form.is_valid()
    if "suggest" in request.POST:
        return _form(
            request, IntakeForm(actor=actor, initial=request.POST.dict()), parent=parent, **_proposal(form, actor)
        )
    if not valid:
        return _form(request, form, 422, parent=parent)
    try:
        accepted = _register(form, parent, actor)
    except BadInput as error:
        form.add_error(error.field if error.field in form.fields else None, _chinese(form, error))
        return _form(request, form, error.status, parent=parent)
    except TicketError as error:
        form.add_error(None, str(error))
        return _form(request, form, error.status, parent=parent)
    # the code is told now and never again; it stands in no address and no session
    context = {"ticket": accepted.ticket, "query_code": accepted.query_code, "new": accepted.new}
    return render(request, "ticketing/desk/registered.html", context)


def _register(form: IntakeForm, parent: Ticket | None, actor: Actor) -> Accepted:
    """The new ticket; when it was split off another one, that one's journal says so."""
    report = form.to_report(parent=parent.pk if parent else None)
    if parent is None:
        return accept(report, actor=actor)
    with transaction.atomic():
        accepted = accept(report, actor=actor)
        if accepted.new:
            act(parent.pk, Split(children=(accepted.ticket.number,)), actor=actor)
    return accepted


@for_roles(*TAKERS)
@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """The proposal for what was typed so far, as a fragment."""
    actor = actor_of(request)
    form = IntakeForm(request.POST, actor=actor)
    form.is_valid()
    return render(request, "ticketing/desk/_suggestion.html", _proposal(form, actor) | {"fragment": True})


def _proposal(form: IntakeForm, actor: Actor) -> dict[str, Any]:
    try:
        report = form.draft()
    except BadInput as error:
        return {"suggest_error": str(error)}
    if report is None:
        return {"suggested": True}
    caller = duplicates.caller_of(str(form.cleaned_data.get("phone") or ""))
    return {"suggested": True} | _understood(report, caller, actor)


def _understood(report: Report, caller: str, actor: Actor) -> dict[str, Any]:
    reading = understand(report)
    ticket = Ticket(
        kind=report.kind,
        category_id=report.category,
        region_id=report.region or reading.region or None,
        city_id=report.city,
        urgency=report.urgency or reading.urgency,
        complained_unit_id=report.complained_unit or reading.complained_unit,
        suspected_110=reading.suspected_110,
    )
    now = timezone.now()
    plan = routing.proposal(ticket, reading, now)
    matter = duplicates.Matter(
        text=f"{report.headline}\n{report.body}",
        city=report.city,
        region=ticket.region_id or "",
        category=report.category or reading.category,
        place=report.place,
        caller=caller,
    )
    region = next((entry.typed for entry in lists.regions() if entry.key == (reading.region or "")), "")
    return {
        "proposal": proposal.read(plan),
        "urgency": "" if reading.urgency == Urgency.NORMAL else Urgency(reading.urgency).label,
        "urgency_code": reading.urgency,
        "demands": hearing.several(report.body),
        "mood": hearing.advice(report.body),
        "suspected_110": reading.suspected_110,
        "handover": reading.handover,
        "region": region,
        "alike": duplicates.find(actor, matter, now),
        "counted": duplicates.COUNTED,
    }


def _parent(request: HttpRequest) -> Ticket | None:
    """The ticket that is being split: its number, when the actor may know of it."""
    number = request.POST.get("parent") or request.GET.get("parent") or ""
    if not number:
        return None
    if not number.isdigit():
        raise Http404
    return page.load(actor_of(request), number)


def _part(request: HttpRequest) -> int:
    number = request.GET.get("part", "")
    return int(number) if number.isdecimal() and len(number) < 3 else 0


def _from(parent: Ticket | None, part: int) -> dict[str, Any]:
    """What the form begins with: all of the parent's text, or its `part`th demand (from 1)."""
    if parent is None:
        return {}
    parts = hearing.several(parent.body)
    body = parts[part - 1] if 0 < part <= len(parts) else parent.body
    return {"body": body, "region": parent.region_id or "", "place": parent.place}


def _chinese(form: IntakeForm, error: BadInput) -> str:
    field = form.fields.get(error.field)
    return str(error).replace(f"“{error.field}”", f"“{field.label}”") if field else str(error)


def _form(request: HttpRequest, form: IntakeForm, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "lists": [
            lists.datalist("units", lists.units()),
            lists.datalist("categories", lists.categories()),
            lists.datalist("regions", lists.regions()),
        ],
    }
    return render(request, "ticketing/desk/new.html", context | more, status=status)
