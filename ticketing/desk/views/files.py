"""Files of a ticket at the desk: handed out by right, added with a journal event."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from ticketing import attachments
from ticketing.attachments import serving
from ticketing.desk import page
from ticketing.desk.access import actor_of, staff_page
from ticketing.desk.views.ticket import refused
from ticketing.errors import TicketError, TicketNotFound


@staff_page
@require_safe
def show(request: HttpRequest, key: str) -> HttpResponse:
    actor = actor_of(request)
    found = serving.find(actor, key)
    if found is None:
        raise Http404
    try:
        return serving.response(found, actor)
    except FileNotFoundError as error:
        raise Http404("文件不在存储中") from error


@staff_page
@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Adds the uploads with an optional note; `public` shows them to the citizen."""
    actor = actor_of(request)
    ticket = page.load(actor, number)
    uploads = request.FILES.getlist("files")
    if not uploads:
        return refused(request, actor, number, TicketError("请选择要上传的文件。"), None, 422)
    try:
        attachments.add(
            ticket.pk,
            uploads,
            actor=actor,
            text=request.POST.get("text", "")[:1000],
            public=request.POST.get("public") == "on",
        )
    except TicketNotFound:
        raise
    except TicketError as error:
        return refused(request, actor, number, error, None, error.status)
    messages.success(request, f"已上传 {len(uploads)} 个文件。")
    return redirect("desk:ticket", number=number)
