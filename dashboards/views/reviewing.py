"""好差评: bad reviews and their rectification, appeals, coverage, signals; rating points with printable codes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from dashboards.access import figures_page, viewer
from dashboards.asking import Asked
from dashboards.measures.scope import Scope
from dashboards.show import overview
from directory.models import Department, Role
from directory.worktime.times import day_end, midnight
from ticketing.errors import TicketError
from ticketing.models import Ticket
from ticketing.reviews import annoyance, appeals, points, rectifying, signals
from ticketing.reviews.models import Appeal, RatingPoint, Rectification, Review
from ticketing.reviews.terms import BAD_UP_TO, Annoyance, Ruling
from ticketing.terms import Satisfaction
from ticketing.visibility import visible

from .pages import _frame, asked_of

SHOWN = 200
TILES = (
    "self_review_rate", "good_review_rate", "good_call_review_rate", "bad_review_rectified", "item_coverage",
    "unit_coverage",
)  # fmt: skip


def reviews_in(scope: Scope) -> QuerySet[Review]:
    """The reviews of a scope."""
    found = Review.objects.filter(city_id=scope.city)
    columns = {"unit": "department_id", "region": "ticket__region_id", "kind": "ticket__kind"}
    for cut, keys in scope.only.items():
        if cut in columns:
            found = found.filter(**{f"{columns[cut]}__in": list(keys)})
    return found


@figures_page
def index(request: HttpRequest) -> HttpResponse:
    asked = asked_of(request)
    start, end = midnight(asked.period.first), day_end(asked.period.last)
    rows = reviews_in(asked.scope).filter(given_at__gte=start, given_at__lt=end)
    bad = rows.filter(level__lte=BAD_UP_TO).select_related("department", "rectification", "ticket")
    context = _frame(request, asked) | {
        "tiles": overview.tiles(asked, TILES),
        "bad": bad.order_by("-given_at")[:SHOWN],
        "levels": _levels(rows),
        "gathered": _gathered(bad),
        "signals": signals.signals(start, end, asked.scope.city) if viewer(request).whole else [],
        "appeals": _appeals(asked),
    }
    return render(request, "dashboards/reviews.html", context)


def _levels(rows: QuerySet[Review]) -> list[tuple[str, int]]:
    counted = {level: rows.filter(level=level, excluded_at__isnull=True).count() for level in Satisfaction.values}
    return [(str(Satisfaction(level).label), n) for level, n in counted.items()]


def _gathered(bad: QuerySet[Review]) -> list[tuple[str, str, str, int]]:
    """Where which trouble gathers: reason, unit, category, how many."""
    rows = bad.values_list("annoyance", "department__short_name", "ticket__category__path")
    labels = dict(Annoyance.choices)
    return annoyance.groups((str(labels.get(a, a)), unit or "", path or "") for a, unit, path in rows)[:20]


def _appeals(asked: Asked) -> QuerySet[Appeal]:
    found = Appeal.objects.filter(review__in=reviews_in(asked.scope)).select_related("review", "department")
    return found.order_by("ruling", "-asked_at")[:50]


@figures_page
def signal(request: HttpRequest, code: str) -> HttpResponse:
    """The tickets behind a signal."""
    if not viewer(request).whole:
        raise Http404
    asked = asked_of(request)
    start, end = midnight(asked.period.first), day_end(asked.period.last)
    found = next((item for item in signals.signals(start, end, asked.scope.city) if item.code == code), None)
    if found is None:
        raise Http404(code)
    tickets = visible(viewer(request).actor, Ticket.objects.filter(pk__in=found.tickets)).select_related("lead")
    context = {"signal": found, "tickets": tickets, "query": asked.address(), "viewer": viewer(request)}
    return render(request, "dashboards/signal.html", context)


@figures_page
def show(request: HttpRequest, pk: int) -> HttpResponse:
    who = viewer(request)
    review = get_object_or_404(reviews_in(who.scope).select_related("department", "ticket"), pk=pk)
    row = Rectification.objects.filter(review=review).first()
    standing = who.actor.standing
    assert standing is not None
    context = {
        "viewer": who,
        "review": review,
        "row": row,
        "appeals": review.appeals.select_related("ruled_by").order_by("-asked_at"),
        "changes": review.changes.order_by("-at"),
        "mine": row is not None and row.department_id in standing.departments,
        "calls": standing.holds_in(Role.CALLBACK_CLERK, review.city_id)
        or standing.holds_in(Role.SUPERVISOR, review.city_id),
        "levels": Satisfaction.choices,
        "open_appeal": review.appeals.filter(ruling=Ruling.OPEN).first(),
    }
    return render(request, "dashboards/review.html", context)


@figures_page
@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """The forms of a bad review; what is refused is said on the page."""
    who = viewer(request)
    review = get_object_or_404(reviews_in(who.scope), pk=pk)
    try:
        _step(request, review)
        messages.success(request, "已登记")
    except TicketError as error:
        messages.error(request, str(error))
    return redirect("figures:review", pk)


def _step(request: HttpRequest, review: Review) -> None:
    actor, form = viewer(request).actor, request.POST
    text, step = form.get("text", ""), form.get("do", "")
    row = Rectification.objects.filter(review=review).values_list("pk", flat=True).first() or 0
    if step == "verify":
        rectifying.verify(row, actor=actor, truthful=form.get("truthful") == "1", finding=text)
    elif step == "rectify":
        rectifying.rectify(row, actor=actor, measures=text)
    elif step == "answer":
        rectifying.answer(row, actor=actor, answer=text)
    elif step == "call_back":
        level = form.get("level", "")
        rectifying.call_back(row, actor=actor, note=text, second_level=int(level) if level.isdigit() else None)
    elif step == "appeal":
        appeals.appeal(review.pk, actor=actor, reason=text, evidence=form.get("evidence", ""))
    elif step == "rule":
        found = review.appeals.filter(ruling=Ruling.OPEN).values_list("pk", flat=True).first() or 0
        appeals.rule(found, actor=actor, upheld=form.get("upheld") == "1", opinion=text)
    else:
        raise Http404(step)


@figures_page
def rating_points(request: HttpRequest) -> HttpResponse:
    """The windows' and items' codes; a supervisor adds them, a head sees the own unit's."""
    who = viewer(request)
    rows: Any = RatingPoint.objects.select_related("department", "item")
    if not who.whole:
        rows = rows.filter(department_id__in=who.units)
    if request.method == "POST":
        if not who.supervisor:
            raise Http404
        unit = Department.objects.filter(code=request.POST.get("unit", "").strip()).first()
        try:
            if unit is None:
                raise ValueError("没有这个代码的单位")
            points.create(unit, window=request.POST.get("window", ""))
        except (TicketError, ValueError) as error:
            messages.error(request, str(error))
        return redirect("figures:points")
    return render(request, "dashboards/points.html", {"viewer": who, "points": rows[:500]})


@figures_page
def print_point(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet to print and put up at the window."""
    who = viewer(request)
    point = get_object_or_404(RatingPoint.objects.select_related("department", "item"), pk=pk)
    if not who.whole and point.department_id not in who.units:
        raise Http404
    return render(request, "dashboards/point_print.html", {"point": point, "svg": points.svg(point)})
