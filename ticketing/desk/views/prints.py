"""Printed forms: 工单 and 督办通知 (DB41/T 1860—2019, annexes C and D). Identity stays masked on paper too."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ticketing.desk import page
from ticketing.desk.access import actor_of, staff_page
from ticketing.models import Supervision
from ticketing.privacy import identity
from ticketing.terms import ClockName
from ticketing.visibility import visible


@staff_page
@require_safe
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """工单 (annex C): facts, dispatch, limits, handling, answer, call-back."""
    actor = actor_of(request)
    found = page.load(actor, number)
    if found.confidential:
        identity.record_read(actor, found, "保密工单", "打印工单")
    now = timezone.now()
    shown = page.context(found, actor, now)
    reply = next((r for r in shown["replies"] if not r.superseded), None)
    handle = next((line for line in shown["clocks"] if line.clock.name in (ClockName.HANDLE, ClockName.REDO)), None)
    return render(request, "ticketing/print/ticket.html", shown | {"reply": reply, "handle": handle})


@staff_page
@require_safe
def supervision(request: HttpRequest, pk: int) -> HttpResponse:
    """督办通知 (annex D) for one step of the ladder."""
    actor = actor_of(request)
    row = (
        Supervision.objects.filter(pk=pk, ticket__in=visible(actor))
        .select_related("ticket__category", "ticket__region", "ticket__lead", "department", "issued_by")
        .first()
    )
    if row is None:
        raise Http404
    if row.ticket.confidential:
        identity.record_read(actor, row.ticket, "保密工单", "打印督办通知")
    context = {"supervision": row, "ticket": row.ticket, "now": timezone.now()}
    return render(request, "ticketing/print/supervision.html", context)
