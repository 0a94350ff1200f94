"""The same figures as JSON and as files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from dashboards import hot
from dashboards.access import figures_page, viewer
from dashboards.asking import Asked
from dashboards.measures import counting
from dashboards.measures.evaluate import figures
from dashboards.show import export, overview, present

from .pages import asked_of, filters

TYPES = {
    "csv": ("text/csv; charset=utf-8", export.as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", export.as_xlsx),
}


@figures_page
def measures(request: HttpRequest) -> HttpResponse:
    """`GET api/measures/?from=…&to=…`: every measure; a wrong filter is refused with 400 and named."""
    asked = asked_of(request)
    if asked.errors:
        return JsonResponse({"errors": asked.errors}, status=400, json_dumps_params={"ensure_ascii": False})
    found = figures(asked.period, asked.scope, read=counting.rolled)
    age = present.age()
    body = {
        "from": asked.period.first.isoformat(),
        "to": asked.period.last.isoformat(),
        "filters": filters(asked.scope),
        "age_seconds": age.seconds,
        "measures": [figure.as_dict() for figure in found],
    }
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


@figures_page
def wall(request: HttpRequest) -> HttpResponse:
    """The wallboard's content."""
    who = viewer(request)
    if not who.whole:
        raise Http404
    return JsonResponse(present.wall(who.scope), json_dumps_params={"ensure_ascii": False})


def _refused(asked: Asked) -> HttpResponse:
    """A file says nothing of what was wrong in the address, so there is none: it would hold more than was asked for."""
    return HttpResponse("\n".join(asked.errors), status=400, content_type="text/plain; charset=utf-8")


@figures_page
def paper(request: HttpRequest) -> HttpResponse:
    """What the overview shows, as PDF."""
    from dashboards.show import pdf  # its library takes half a second to load

    asked = asked_of(request)
    if asked.errors:
        return _refused(asked)
    response = HttpResponse(pdf.overview(asked, overview.overview(asked)), content_type="application/pdf")
    name = f"figures-{asked.period.first}-{asked.period.last}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@figures_page
def file(request: HttpRequest, kind: str) -> HttpResponse:
    """What the overview shows, as CSV or XLSX."""
    asked = asked_of(request)
    if asked.errors:
        return _refused(asked)
    content_type, make = TYPES[kind]
    sheets = export.tables(asked, overview.overview(asked), present.tiles(asked.scope), hot.shown(asked.scope).topics)
    body = make(sheets)
    response = HttpResponse(body, content_type=content_type)
    name = f"figures-{asked.period.first}-{asked.period.last}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
