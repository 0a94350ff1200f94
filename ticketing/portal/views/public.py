"""What everybody may read: published answers and the figures of each month."""

from __future__ import annotations

import re
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ticketing.errors import BadInput
from ticketing.portal import monthly as figures
from ticketing.portal import publicity
from ticketing.portal.forms import districts


@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    wanted = {name: request.GET.get(name, "")[:60].replace("\x00", "") for name in ("q", "category", "region", "after")}
    try:
        page = publicity.page(
            words=wanted["q"], category=wanted["category"], region=wanted["region"], after=wanted["after"]
        )
    except BadInput as error:
        raise Http404(str(error)) from error
    query = request.GET.copy()
    query["after"] = page.next_cursor
    facts = {
        "page": page,
        "wanted": wanted,
        "next_query": query.urlencode() if page.next_cursor else "",
        "categories": publicity.categories(),
        "districts": districts()[1:],
    }
    return render(request, "ticketing/portal/answers.html", facts)


@require_safe
def monthly(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    choices = figures.months(today)
    text = request.GET.get("month", "")
    if text and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise Http404
    first = date.fromisoformat(f"{text}-01") if text else choices[0]
    if first not in choices:
        raise Http404
    facts = {"month": figures.month(first, today), "overview": [(day, figures.received(day, today)) for day in choices]}
    return render(request, "ticketing/portal/monthly.html", facts)
