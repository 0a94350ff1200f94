"""What stands behind a figure: exactly the rows that were counted."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from dashboards import hot
from dashboards.access import figures_page
from dashboards.measures import drill
from dashboards.measures.definitions import measure
from dashboards.measures.evaluate import figures, state_rows
from dashboards.show import present

from .pages import asked_of, shown_lines

SIZE = 50


@figures_page
def show(request: HttpRequest, code: str) -> HttpResponse:
    asked = asked_of(request)
    try:
        item = measure(code, asked.period.first)
    except KeyError as error:
        raise Http404(code) from error
    part = request.GET.get("part", "missing" if item.nested else "numerator")
    context = {
        "asked": asked,
        "query": asked.address(),
        "measure": item,
        "figure": figures(asked.period, asked.scope, only=[code])[0],
        "part": part,
        "weighted": any(term.weight for term in item.numerator),
        "parts": [(name, drill.PARTS[name]) for name in drill.parts_of(item)],
        "age": present.age(),
    }
    if item.kind == "state":
        rows = state_rows(item, asked.scope)
        context |= {"uncovered": list(rows.filter(covered=False)) if rows is not None else []}
    elif item.kind == "score":
        context |= {"made_of": [measure(name, asked.period.first) for name, _ in item.parts]}
    else:
        context |= _lines(request, item, part, asked)
    return render(request, "dashboards/drill.html", context)


def _lines(request: HttpRequest, item: object, part: str, asked: object) -> dict[str, object]:
    from dashboards.asking import Asked
    from dashboards.measures.definitions import Measure

    assert isinstance(item, Measure) and isinstance(asked, Asked)
    if part not in drill.parts_of(item):
        raise Http404(part)
    total = drill.count(item, part, asked.period, asked.scope)
    page = _page(request, total)
    lines = drill.lines(item, part, asked.period, asked.scope, start=(page - 1) * SIZE, size=SIZE)
    pages = max(1, -(-total // SIZE))
    return {"total": total, "lines": shown_lines(lines, request), "page": page, "pages": pages}


def _page(request: HttpRequest, total: int) -> int:
    text = request.GET.get("page", "1")
    number = int(text) if text.isdigit() and len(text) < 7 else 1
    return min(max(1, number), max(1, -(-total // SIZE)))


@figures_page
def standing(request: HttpRequest, state: str) -> HttpResponse:
    """The tickets behind a tile of 当前在办, soonest due first."""
    if state not in present.STANDING:
        raise Http404(state)
    asked = asked_of(request)
    rows = present.still_open(asked.scope).filter(present.standings()[state])
    total = rows.count()
    page = _page(request, total)
    start = (page - 1) * SIZE
    found = rows.order_by("due_at", "pk").values_list("pk", "created_at")[start : start + SIZE]
    lines = [drill.Line(present.STANDING[state], created, pk, "ticket", pk) for pk, created in found]
    context = {"asked": asked, "query": asked.address(), "title": present.STANDING[state], "total": total, "page": page}
    context |= {"pages": max(1, -(-total // SIZE)), "lines": shown_lines(lines, request)}
    return render(request, "dashboards/standing.html", context)


@figures_page
def hot_topic(request: HttpRequest, key: str) -> HttpResponse:
    """The tickets behind a hot topic. A topic that has cooled down or lies outside one's sight does not exist."""
    asked = asked_of(request)
    found = hot.behind(key, asked.scope)
    if found is None or not found[1]:
        raise Http404(key)
    topic, tickets = found
    lines = [drill.Line("热点", ticket.created_at, ticket.pk, "ticket", ticket.pk) for ticket in tickets]
    context = {"asked": asked, "query": asked.address(), "topic": topic, "lines": shown_lines(lines, request)}
    return render(request, "dashboards/hot.html", context)
