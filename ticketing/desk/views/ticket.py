"""The ticket page, its identity box and who else is looking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from directory.models import HOTLINE_ROLES, Role
from ticketing.desk import page
from ticketing.desk.access import actor_of, staff_id_of, staff_page
from ticketing.desk.views import gone
from ticketing.errors import NotYours, TicketError, TicketNotFound
from ticketing.lifecycle.actors import Actor
from ticketing.models import Presence, Ticket
from ticketing.privacy import identity

PRESENT_FOR = timedelta(seconds=60)
REASON_LEAST = 2


@staff_page
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    return shown(request, actor_of(request), number)


def shown(request: HttpRequest, actor: Actor, number: str, status: int = 200, **more: Any) -> HttpResponse:
    """The page; every view of a confidential ticket is a row in the read ledger."""
    ticket = page.load(actor, number)
    if ticket.confidential:
        identity.record_read(actor, ticket, "保密工单", "打开工单页面")
    now = timezone.now()
    context = page.context(ticket, actor, now, more.pop("tried", None)) | more
    context["others"] = _others(ticket, actor)
    context["seeks_alike"] = actor.standing is not None and actor.standing.has(*HOTLINE_ROLES, Role.WINDOW_CLERK)
    return render(request, "ticketing/desk/ticket.html", context, status=status)


def refused(
    request: HttpRequest, actor: Actor, number: str, error: TicketError | None, tried: Any, status: int
) -> HttpResponse:
    """The page as the ticket is now, with the refusal and with what was typed."""
    if tried is not None and "version" in tried.fields:
        # shown with the newest version: who reads the refusal and sends again has seen what changed
        tried.data = tried.data.copy()
        tried.data["version"] = str(page.load(actor, number).version)
    return shown(request, actor, number, status, tried=tried, refusal=str(error) if error else "")


@staff_page
@require_POST
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """The clear identity, by right and with a reason; a row in the read ledger first."""
    actor = actor_of(request)
    ticket = page.load(actor, number)
    reason = request.POST.get("reason", "").strip()
    if not identity.may_reveal(actor, ticket):
        error = NotYours("您没有查看这张工单身份信息的权限")
        return shown(request, actor, number, error.status, refusal=str(error))
    if len(reason) < REASON_LEAST:
        return shown(request, actor, number, 422, reveal_error="请填写查看事由（至少 2 个字），将记入查看台账。")
    identity.record_read(actor, ticket, "身份信息", reason)
    return shown(request, actor, number, clear=identity.opened(getattr(ticket, "identity", None)))


@staff_page
@require_POST
def presence(request: HttpRequest, number: str) -> HttpResponse:
    """Notes that I am here and answers who else is; asked by the page every twenty seconds. A page that is open on a
    ticket that left says so and asks no more."""
    actor = actor_of(request)
    try:
        ticket = page.load(actor, number)
    except TicketNotFound:
        if not request.headers.get("HX-Request"):
            raise
        return gone.notice(request)
    Presence.objects.update_or_create(ticket=ticket, staff_id=staff_id_of(actor), defaults={"seen_at": timezone.now()})
    seen = request.POST.get("version", "")
    changed = seen.isdigit() and int(seen) != ticket.version
    if not request.headers.get("HX-Request"):
        return redirect("desk:ticket", number=number)
    context = {"ticket": ticket, "others": _others(ticket, actor), "changed": changed}
    return render(request, "ticketing/desk/_presence.html", context)


def _others(ticket: Ticket, actor: Actor) -> list[str]:
    rows = Presence.objects.filter(ticket=ticket, seen_at__gte=timezone.now() - PRESENT_FOR)
    others = rows.exclude(staff_id=staff_id_of(actor)).select_related("staff").order_by("staff_id")[:5]
    return [str(row.staff) for row in others]
