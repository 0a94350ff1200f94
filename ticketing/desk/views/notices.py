"""The visible outbox, and the messages to my unit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ticketing.desk import notices
from ticketing.desk.access import actor_of, for_roles, staff_page
from ticketing.desk.roles import READERS
from ticketing.models import Notice

STATES = (("waiting", "待发"), ("sent", "已发"), ("failed", "失败"))


@for_roles(*READERS)
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Every message to citizens and units, newest first, addresses masked."""
    state = request.GET.get("state", "")
    rows = notices.outbox(actor_of(request))
    if state in dict(STATES):
        rows = rows.filter(state=state)
    shown, following = _page(list(rows.filter(**_before(request))[: notices.PAGE + 1]))
    context = {"sent": notices.masked(shown), "next": following, "state": state, "states": STATES}
    return render(request, "ticketing/desk/notices.html", context)


@staff_page
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Messages to my units."""
    rows = notices.inbox(actor_of(request)).filter(**_before(request))
    shown, following = _page(list(rows[: notices.PAGE + 1]))
    return render(request, "ticketing/desk/inbox.html", {"notices": shown, "next": following})


@staff_page
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Marks one (`pk`) or all messages of my units as read."""
    rows = notices.inbox(actor_of(request)).filter(read_at=None)
    pk = request.POST.get("pk", "")
    if pk.isdecimal() and len(pk) < 18:
        rows = rows.filter(pk=int(pk))
    Notice.objects.filter(pk__in=rows.order_by().values("pk")).update(read_at=timezone.now())
    return redirect("desk:inbox")


def _before(request: HttpRequest) -> dict[str, int]:
    cursor = request.GET.get("before", "")
    return {"pk__lt": int(cursor)} if cursor.isdecimal() and len(cursor) < 18 else {}


def _page(found: list[Notice]) -> tuple[list[Notice], int | None]:
    more = len(found) > notices.PAGE
    shown = found[: notices.PAGE]
    return shown, shown[-1].pk if more else None
