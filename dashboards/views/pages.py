"""The supervisors' pages: overview, five KPIs, own unit, wallboard, definitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from dashboards import asking, hot
from dashboards.access import figures_page, viewer
from dashboards.asking import Asked
from dashboards.measures import counting, drill
from dashboards.measures.counters import COUNTERS
from dashboards.measures.definitions import DOWN, KPI, LIST, UP, Term, measure
from dashboards.measures.evaluate import SMALL, state_rows
from dashboards.measures.scope import Scope, units
from dashboards.show import markup, overview, present
from dashboards.show.names import names, unit_list
from directory.models import Department
from ticketing.desk.lists import districts
from ticketing.terms import IN_UNIT, Channel, Kind

MOST_MISSING = 20
#: what the hotline does without any unit says nothing of one
NOT_OF_UNITS = frozenset({"direct_answer_rate"})


def asked_of(request: HttpRequest) -> Asked:
    return asking.parse(request.GET.dict(), viewer(request))


def _frame(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """What every page of figures shows around its content."""
    return {
        "asked": asked,
        "query": asked.address(),
        "presets": asking.PRESETS,
        "kinds": Kind.choices,
        "channels": Channel.choices,
        "districts": districts(),
        "unit_list": unit_list(),
        "age": present.age(),
        "viewer": viewer(request),
        "small": SMALL,
    }


#: so many tickets are counted one by one while somebody waits; above that the page says first what it does
LARGE = 20_000


def _takes_long(asked: Asked) -> bool:
    """Whether the filters ask for what no rollup holds, of so many tickets that counting them takes seconds."""
    if counting.held(asked.scope):
        return False
    periods = (asked.period, asked.period.before(), asked.period.year_before())
    received = counting.rolled_beside(["received"], periods, Scope(asked.scope.city))
    return sum(row["received"] for row in received) > LARGE


def _said_first(request: HttpRequest, asked: Asked, tab: str) -> HttpResponse | None:
    """A page that says what is being counted and asks for the figures by itself; None when they are there at once."""
    if request.GET.get("count") == "1" or not _takes_long(asked):
        return None
    context = _frame(request, asked) | {"counting": f"?{asked.address()}&count=1", "tab": tab}
    return render(request, "dashboards/counting.html", context)


@figures_page
def show(request: HttpRequest) -> HttpResponse:
    asked = asked_of(request)
    if first := _said_first(request, asked, "overview"):
        return first
    found = overview.overview(asked, units=False)
    context = _frame(request, asked) | {
        "groups": overview.groups(found.tiles),
        "found": found,
        "now": present.tiles(asked.scope),
        "intake": [(cut, title, found.intake[cut], f"{asked.address()}&{cut}=") for cut, title in overview.INTAKE],
        "map": region_tiles(found.intake["region"]),
        "charts": charts(found),
        "hot": hot.shown(asked.scope),
    }
    return render(request, "dashboards/overview.html", context)


@figures_page
def league(request: HttpRequest) -> HttpResponse:
    """承办单位, side by side: a part of the overview that follows it, or a page of its own without scripts."""
    asked = asked_of(request)
    context = {
        "league": markup.league_lines(overview.league(asked), asked.address()),
        "league_names": [measure(code, asked.period.first).name for code in overview.LEAGUE],
        "small": SMALL,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "dashboards/_units.html", context)
    return render(request, "dashboards/units.html", _frame(request, asked) | context)


def charts(found: overview.Overview) -> dict[str, Any]:
    """The data of the page's charts, drawn from the very rows of the tables beside them."""
    made: dict[str, Any] = {
        f"trend-{trend.measure.code}": {
            "kind": "line",
            "unit": trend.measure.unit,
            "labels": trend.days,
            "series": [
                {"name": "本期", "data": trend.now},
                {"name": "上期", "data": trend.before},
                {"name": "去年同期", "data": trend.year_before},
            ],
        }
        for trend in found.trends
    }
    for cut, _ in overview.INTAKE:
        bars = found.intake[cut][: overview.TOP]
        made[f"intake-{cut}"] = {
            "kind": "bar",
            "unit": "件",
            "labels": [bar.label for bar in bars],
            "series": [{"name": "受理量", "data": [bar.n for bar in bars]}],
        }
    return made


def region_tiles(bars: list[overview.Bar]) -> list[dict[str, Any]]:
    """Tiles in place of a map, in five steps of the largest; the number stands on each tile."""
    most = max((bar.n for bar in bars), default=0)
    return [{"bar": bar, "step": max(1, -(-5 * bar.n // most)) if most else 1} for bar in bars]


@figures_page
def kpi(request: HttpRequest) -> HttpResponse:
    """The five of 豫政办〔2022〕78号 with target, trend and the list of what is missing."""
    asked = asked_of(request)
    if first := _said_first(request, asked, "kpi"):
        return first
    cards = []
    history = overview.by_month(asked, KPI)
    drawn = {
        f"kpi-{code}": {
            "kind": "line",
            "unit": "%",
            "labels": [label for label, _ in rows],
            "series": [{"name": "月度", "data": [figure.value for _, figure in rows]}],
        }
        for code, rows in history.items()
    }
    for tile in overview.tiles(asked, KPI):
        item = tile.figure.measure
        missing: list[Any] = []
        if item.kind == "state":
            rows = state_rows(item, asked.scope)
            missing = list(rows.filter(covered=False)[:MOST_MISSING]) if rows is not None else []
        else:
            missing = shown_lines(
                drill.lines(item, "missing", asked.period, asked.scope, start=0, size=MOST_MISSING), request
            )
        rest = max(0, tile.figure.missing - MOST_MISSING)
        cards.append({"tile": tile, "missing": missing, "rest": rest, "months": history.get(item.code, [])})
    return render(request, "dashboards/kpi.html", _frame(request, asked) | {"cards": cards, "charts": drawn})


def shown_lines(lines: list[drill.Line], request: HttpRequest) -> list[dict[str, Any]]:
    """Lines with what may be shown of the ticket: never words of the citizen, a link only where it opens."""
    from telephony.models import Call
    from ticketing.models import Ticket
    from ticketing.visibility import visible

    ids = {line.ticket_id for line in lines if line.ticket_id is not None}
    rows = Ticket.objects.filter(pk__in=ids).select_related("lead", "category", "region")
    tickets = {ticket.pk: ticket for ticket in rows}
    opens = set(visible(viewer(request).actor, Ticket.objects.filter(pk__in=ids)).values_list("pk", flat=True))
    calls = Call.objects.in_bulk([line.subject_id for line in lines if line.subject == "call"])
    return [
        {
            "line": line,
            "ticket": tickets.get(line.ticket_id or 0),
            "opens": line.ticket_id in opens,
            "call": calls.get(line.subject_id) if line.subject == "call" else None,
        }
        for line in lines
    ]


@figures_page
def unit(request: HttpRequest) -> HttpResponse:
    """本单位: what is due, how we do against the target and against ourselves before.

    Who belongs to no unit (a supervisor) chooses one; a whole city is not shown under this name.
    """
    asked, who = asked_of(request), viewer(request)
    chosen = _unit(request, asked, who.units)
    if chosen is None:
        return render(request, "dashboards/unit_choice.html", _frame(request, asked) | {"query": asked.address()})
    scope = asked.scope.limited(unit=units(chosen.pk))
    # the unit stands in every link, so that a figure opens what it counts
    values, labels = asked.values | {"unit": chosen.code}, asked.labels | {"unit": str(chosen)}
    narrowed = Asked(asked.period, scope, values, labels, asked.errors)
    if first := _said_first(request, narrowed, "unit"):
        return first
    tiles = [
        tile
        for tile in overview.tiles(narrowed)
        if (tile.figure.denominator or tile.figure.value) and tile.figure.code not in NOT_OF_UNITS
    ]
    due = (
        present.tickets(scope)
        .filter(due_at__isnull=False, status__in=list(IN_UNIT))
        .select_related("category")
        .order_by("due_at")[:30]
    )
    context = _frame(request, narrowed) | {
        "unit": chosen,
        "own": Department.objects.filter(pk__in=who.units).order_by("code"),
        "groups": {name: rows for name, rows in overview.groups(tiles).items() if rows},
        "now": present.tiles(scope),
        "due": due,
    }
    return render(request, "dashboards/unit.html", context)


def _unit(request: HttpRequest, asked: Asked, own: frozenset[int]) -> Department | None:
    code = asked.values.get("unit", "")  # named by code or by name
    if code:
        row = Department.objects.filter(code=code).first()
        allowed = asked.scope.only.get("unit")
        if row is None or (allowed is not None and str(row.pk) not in allowed):
            raise Http404
        return row
    mine = Department.objects.filter(pk__in=own).order_by("code")
    return next((row for row in mine if row.superior_id not in own), None)  # not one of those below it


@figures_page
def wallboard(request: HttpRequest) -> HttpResponse:
    """大屏: everything on it comes from `/figures/api/wall/`, once by page, then by socket and by polling."""
    who = viewer(request)
    if not who.whole:
        raise Http404
    context = {"content": present.wall(who.scope), "theme": "light" if request.GET.get("theme") == "light" else "dark"}
    return render(request, "dashboards/wallboard.html", context)


@figures_page
def definitions(request: HttpRequest) -> HttpResponse:
    """指标口径: the definitions themselves, with every version."""
    names = {item.code: item.name for item in LIST}
    rows = [
        {
            "item": item,
            "numerator": _in_words(item.numerator) or "＋".join(f"{names[code]}×权重" for code, _ in item.parts),
            "denominator": _in_words(item.denominator),
            "excluded": _in_words(item.excluded),
            "direction": DIRECTIONS.get(item.direction, ""),
        }
        for item in LIST
    ]
    context = {"measures": rows, "viewer": viewer(request)}
    return render(request, "dashboards/definitions.html", context)


DIRECTIONS = {UP: "越高越好", DOWN: "越低越好"}
WEIGHED = {"fair": "基本满意折算"}


def _in_words(terms: Iterable[Term]) -> str:
    """What is added up, by the meanings of the counters."""
    return "＋".join(
        COUNTERS[term.counter].meaning + (f"×{WEIGHED.get(term.weight, term.weight)}" if term.weight else "")
        for term in terms
    )


def filters(scope: Scope) -> dict[str, list[str]]:
    """The filters in words, for the API."""
    return {cut: sorted(names(cut)[key].label for key in keys if key in names(cut)) for cut, keys in scope.only.items()}
