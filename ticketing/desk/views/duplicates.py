"""Beside a ticket: which others may be the same matter, why, and one click to merge."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from directory.models import HOTLINE_ROLES, Role
from ticketing.desk import duplicates, offers, page
from ticketing.desk.access import actor_of, for_roles
from ticketing.lifecycle.table import Action


@for_roles(*HOTLINE_ROLES, Role.WINDOW_CLERK)
@require_safe
def alike(request: HttpRequest, number: str) -> HttpResponse:
    """A part of the ticket page; a page of its own where scripts do not run. With `keep` the page around it must stay
    open (it shows the query code, once): merging opens the ticket beside it."""
    actor = actor_of(request)
    ticket = page.load(actor, number)
    context = {
        "ticket": ticket,
        "alike": duplicates.find(actor, duplicates.of_ticket(ticket), timezone.now()),
        "may_merge": Action.MERGE in offers.of(page.facts(ticket, actor)),
        "counted": duplicates.COUNTED,
        "keep": "keep" in request.GET,
    }
    fragment = bool(request.headers.get("HX-Request"))
    return render(request, "ticketing/desk/_alike.html" if fragment else "ticketing/desk/alike.html", context)
