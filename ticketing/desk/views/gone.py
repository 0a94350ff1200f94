"""A ticket that left while its page was open. The same words for one that never was: nobody learns which it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ticketing.desk.forms.actions import FIELDS
from ticketing.lifecycle.table import Action

NOT_FOUND = 404


def notice(request: HttpRequest) -> HttpResponse:
    """In place of who else is here; without an address of its own, so that the page stops asking."""
    answer = render(request, "ticketing/desk/_gone.html", status=NOT_FOUND)
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer


def page(request: HttpRequest, action: Action) -> HttpResponse:
    """The page of a ticket that is not there, with what was typed into the form of `action`, for copying."""
    return render(request, "ticketing/desk/gone.html", {"typed": _typed(request, action)}, status=NOT_FOUND)


def _typed(request: HttpRequest, action: Action) -> list[tuple[str, str]]:
    found = []
    for name, values in request.POST.lists():
        make = FIELDS.get((action, name)) or FIELDS.get(name)
        text = "、".join(filter(None, values))
        if make is not None and text:
            found.append((str(make().label), text))
    return found
