"""Selected rows of a list: one action, and a page that says for each ticket what became of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ticketing.desk import bulk
from ticketing.desk.access import actor_of, staff_page
from ticketing.desk.dispatching import accept_proposal
from ticketing.desk.show.rows import quiet
from ticketing.errors import BadInput, TicketError, TicketNotFound


@staff_page
@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """采纳 in a row of the queue: `accept` is number and version, `row` its place, `back` the list. Who comes back
    finds the next row under the finger."""
    actor, back = actor_of(request), _back(request)
    number, _, version = request.POST.get("accept", "").partition("-")
    row = request.GET.get("row", "")
    try:
        found = bulk.chosen(actor, [number]) if number.isdecimal() else []
        if not found:
            raise TicketNotFound(number)
        ticket = found[0]
        seen = int(version) if version.isdecimal() else None
        done = accept_proposal(ticket, actor=actor, version=seen)
        messages.success(request, f"已按系统建议派给{done.lead}：{number} {quiet(done.title)}")
    except TicketNotFound:
        messages.error(request, f"没有工单 {number[:20]}，可能已转走。")
    except TicketError as error:
        messages.error(request, f"{number} 没有派出：{error}")
    place = f"at={row}" if row.isdecimal() and len(row) < 4 else ""
    return redirect(f"{back}{'&' if '?' in back else '?'}{place}" if place else back)


def _back(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "/desk/"


@staff_page
@require_POST
def many(request: HttpRequest) -> HttpResponse:
    """`number` (several), `action` and its particulars; `back` is the list to return to."""
    actor = actor_of(request)
    action = request.POST.get("action", "")
    back = _back(request)
    context: dict[str, object] = {"back": back, "label": bulk.LABELS.get(action, "批量操作")}
    try:
        tickets = bulk.chosen(actor, request.POST.getlist("number"))
        results = bulk.carry_out(action, tickets, request.POST, actor)
    except BadInput as error:
        return render(request, "ticketing/desk/bulk.html", context | {"refusal": str(error)}, status=error.status)
    done = sum(result.done for result in results)
    context |= {"results": results, "done": done, "refused": len(results) - done}
    return render(request, "ticketing/desk/bulk.html", context)
