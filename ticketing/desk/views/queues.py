"""Start page, lists and live counts."""

from __future__ import annotations

from itertools import groupby
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from directory.models import Role
from ticketing.desk import lists, paging, queues
from ticketing.desk.access import actor_of, staff_page
from ticketing.desk.forms import filters
from ticketing.desk.queues import Counted
from ticketing.desk.show import rows
from ticketing.lifecycle.actors import Actor
from ticketing.terms import Status

FIRST_ROWS = 10
#: queues in which a dispatcher sees the proposals and takes them over row by row
PROPOSING = ("new", "to_dispatch", "urgent")
#: for these roles the first rows of this queue stand on the start page
FIRST = (
    (Role.DISPATCHER, "new"),
    (Role.CHECKER, "to_check"),
    (Role.CALLBACK_CLERK, "to_call_back"),
    (Role.HANDLER, "unit_to_sign"),
    (Role.UNIT_HEAD, "unit_handling"),
    (Role.SUPERVISOR, "late"),
    (Role.AGENT, "taken"),
    (Role.WINDOW_CLERK, "taken"),
)


def _grouped(counted: list[Counted]) -> list[tuple[str, list[Counted]]]:
    return [(label, list(part)) for label, part in groupby(counted, key=lambda one: one.queue.group)]


@staff_page
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """My queues with their counts, and the first rows of the one that matters most."""
    actor, now = actor_of(request), timezone.now()
    first = _first(actor)
    shown = queues.tickets(first, actor, now) if first else None
    found = paging.page(rows.listed(shown), first.order, "", FIRST_ROWS) if first and shown is not None else None
    context = {
        "groups": _grouped(queues.counts(actor, now)),
        "rest": [queue for queue in queues.of(actor) if queue.code in queues.UNCOUNTED],
        "first": first,
        "rows": rows.present(found.rows, now) if found else [],
    }
    return render(request, "ticketing/desk/start.html", context)


def _first(actor: Actor) -> queues.Queue | None:
    standing = actor.standing
    code = next((code for role, code in FIRST if standing and standing.has(role)), "")
    return queues.find(actor, code)


@staff_page
@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """The tiles alone, asked again when the socket hints or every half minute."""
    groups = _grouped(queues.counts(actor_of(request), timezone.now()))
    return render(request, "ticketing/desk/_tiles.html", {"groups": groups})


@staff_page
@require_safe
def listing(request: HttpRequest, code: str) -> HttpResponse:
    """One queue, filtered by what stands in the URL."""
    actor, now = actor_of(request), timezone.now()
    queue = queues.find(actor, code)
    if queue is None:
        raise Http404
    chosen = filters.read(request.GET)
    tickets = chosen.apply(queues.tickets(queue, actor, now))
    bulk = bulk_actions(actor, code)
    proposing = "dispatch" in bulk and code in PROPOSING
    listed = rows.with_proposals(tickets) if proposing else rows.listed(tickets)
    after = request.GET.get("after", "")
    found = paging.page(listed, queue.order, after)
    total = queues.capped(tickets)
    context = {
        "queue": queue,
        "mine": queues.of(actor),
        "filters": chosen,
        "rows": rows.present(found.rows, now, proposals=proposing),
        "proposing": proposing,
        "at": _place(request, len(found.rows)),
        "back": "?".join(filter(None, (request.path, _kept(chosen.query, after)))),
        "next": found.next,
        "after": after,
        "total": f"{queues.CAP} 张以上" if total > queues.CAP else f"{total} 张",
        "bulk": bulk,
        "lists": [
            lists.datalist("units", lists.units()),
            lists.datalist("categories", lists.categories()),
        ],
    }
    return render(request, "ticketing/desk/list.html", context)


def _kept(query: str, after: str) -> str:
    """The filters and the page's cursor, without the place of the focus."""
    return "&".join(filter(None, (query, urlencode({"after": after}) if after else "")))


def _place(request: HttpRequest, count: int) -> int:
    """The row that gets the focus after one was accepted, from 1; 0 for none."""
    asked = request.GET.get("at", "")
    return min(int(asked), count) if asked.isdecimal() and len(asked) < 4 else 0


def bulk_actions(actor: Actor, code: str) -> list[str]:
    """What may be done with selected rows of a queue: dispatch, sign, approve, urge."""
    standing = actor.standing
    if standing is None:
        return []
    found = []
    if standing.has(Role.DISPATCHER, Role.SUPERVISOR) and code in ("to_dispatch", "new", "urgent", "open", "all"):
        found.append("dispatch")
    if standing.departments and code == "unit_to_sign":
        found.append("sign")
    if standing.has(Role.CHECKER, Role.SUPERVISOR) and code == Status.TO_CHECK:
        found.append("approve")
    if standing.has(Role.SUPERVISOR) and code in ("late", "soon", "to_sign", "handling", "redoing", "open"):
        found.append("urge")
    return found
