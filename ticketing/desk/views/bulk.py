"""Selected rows of a list: one action, and a page that says for each ticket what became of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ticketing.desk import bulk
from ticketing.desk.access import actor_of, staff_page
from ticketing.errors import BadInput


@staff_page
@require_POST
def many(request: HttpRequest) -> HttpResponse:
    """`number` (several), `action` and its particulars; `back` is the list to return to."""
    actor = actor_of(request)
    action = request.POST.get("action", "")
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/desk/"
    context: dict[str, object] = {"back": back, "label": bulk.LABELS.get(action, "批量操作")}
    try:
        tickets = bulk.chosen(actor, request.POST.getlist("number"))
        results = bulk.carry_out(action, tickets, request.POST, actor)
    except BadInput as error:
        return render(request, "ticketing/desk/bulk.html", context | {"refusal": str(error)}, status=error.status)
    done = sum(result.done for result in results)
    context |= {"results": results, "done": done, "refused": len(results) - done}
    return render(request, "ticketing/desk/bulk.html", context)
