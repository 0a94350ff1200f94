"""Rating points: the codes of windows and service items, found, added, switched off and printed."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from dashboards.access import Viewer, pointing_page, viewer
from dashboards.show.names import unit_list
from directory.models import Department
from ticketing.errors import TicketError
from ticketing.reviews import points
from ticketing.reviews.models import RatingPoint, ServiceItem

#: shown and printed at once
SHOWN = 100


def _points(who: Viewer, words: str) -> QuerySet[RatingPoint]:
    """What somebody may see of them, with the words in the name of window, item or unit."""
    found = RatingPoint.objects.select_related("department", "item").order_by("department__code", "window", "pk")
    if not who.whole:
        found = found.filter(department_id__in=who.units)
    for word in words.split():
        where = Q(window__icontains=word) | Q(item__name__icontains=word) | Q(item__code=word)
        where |= Q(department__name__icontains=word) | Q(department__short_name__icontains=word)
        found = found.filter(where)
    return found


@pointing_page
def index(request: HttpRequest) -> HttpResponse:
    """The codes; a supervisor adds and switches them, a head sees the own unit's, a clerk those of the own windows."""
    who = viewer(request)
    if request.method == "POST":
        return _change(request, who)
    words = request.GET.get("q", "").strip()[:80]
    found = _points(who, words)
    without = ServiceItem.objects.filter(active=True, rating_points__isnull=True).select_related("department")
    context = {
        "viewer": who,
        "q": words,
        "total": found.count(),
        "points": [(point, points.kiosk_key(point)) for point in found[:SHOWN]],
        "without": without.order_by("code")[:SHOWN] if who.supervises_city else [],
        "unit_list": unit_list(),
    }
    return render(request, "dashboards/points.html", context)


def _change(request: HttpRequest, who: Viewer) -> HttpResponse:
    if not who.supervises_city:
        raise Http404
    try:
        if "switch" in request.POST:
            messages.success(request, _switch(request.POST["switch"]))
        else:
            messages.success(request, f"已新增：{_create(request)}")
    except (TicketError, ValueError) as error:
        messages.error(request, str(error))
    return redirect("figures:points")


def _switch(text: str) -> str:
    """可用 ↔ 停用, as found by whoever checked the point."""
    point = get_object_or_404(RatingPoint, pk=int(text) if text.isdigit() and len(text) < 10 else 0)
    point.working, point.checked_at = not point.working, timezone.now()
    point.save(update_fields=["working", "checked_at"])
    return f"{point}：{'可用' if point.working else '已停用，不计入评价覆盖'}"


def _create(request: HttpRequest) -> RatingPoint:
    form = request.POST
    if code := form.get("item", "").strip():
        item = ServiceItem.objects.filter(code=code, active=True).select_related("department").first()
        if item is None:
            raise ValueError(f"没有编码为“{code}”的启用事项")
        return points.create(item.department, item=item)
    name = form.get("unit", "").strip()
    units = list(Department.objects.filter(Q(code=name) | Q(name=name) | Q(short_name=name), active=True)[:2])
    if len(units) != 1:
        raise ValueError(f"没有名称或代码为“{name}”的单位" if not units else f"“{name}”不止一个单位，请填单位代码")
    return points.create(units[0], window=form.get("window", ""))


def _sheet(point: RatingPoint) -> tuple[RatingPoint, str, str]:
    return point, points.svg(point), points.address(point)


@pointing_page
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet to print and put up at the window."""
    point = get_object_or_404(_points(viewer(request), ""), pk=pk)
    return render(request, "dashboards/point_print.html", {"sheets": [_sheet(point)], "viewer": viewer(request)})


@pointing_page
def sheets(request: HttpRequest) -> HttpResponse:
    """The sheets of all working points found by `q`, one to a page."""
    found = _points(viewer(request), request.GET.get("q", "")[:80]).filter(working=True)
    context = {"sheets": [_sheet(point) for point in found[:SHOWN]], "viewer": viewer(request), "total": found.count()}
    return render(request, "dashboards/point_print.html", context)
