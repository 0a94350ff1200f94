"""What all pages and endpoints of the knowledge base share: who is there, and errors as answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.cache import never_cache

from directory.models import Staff
from ticketing.errors import NotYours, TicketError
from ticketing.lifecycle.actors import Actor, staff_actor

from .finding import readable
from .models import KnowledgeEntry

View = Callable[..., HttpResponse]


def staff(request: HttpRequest) -> Actor | None:
    """The staff member with a role who asks, or None for a citizen."""
    if not isinstance(request.user, Staff):
        return None
    actor = staff_actor(request.user, "knowledge")
    return actor if actor.standing is not None and actor.standing.bounds else None


def needed(request: HttpRequest) -> Actor:
    """The staff member, or `NotYours`."""
    actor = staff(request)
    if actor is None:
        raise NotYours("需要工作人员权限")
    return actor


def entry_or_404(request: HttpRequest, code: str) -> KnowledgeEntry:
    """The entry if this visitor may read it; hidden and unknown ones look alike."""
    rows = readable(staff(request) is not None).select_related("owner", "category")
    entry = rows.filter(code=code).first()
    if entry is None:
        raise Http404
    return entry


def staff_page(view: View) -> View:
    """Log-in needed; a refusal becomes a page with its status."""

    @never_cache
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from django.shortcuts import render

        try:
            return view(request, *args, **kwargs)
        except TicketError as error:
            shown = {"error": error, "layout": "desk/base.html"}
            return render(request, "ticketing/knowledge/refused.html", shown, status=error.status)

    return guarded


def staff_json(view: View) -> View:
    """Log-in needed; answers and refusals are JSON."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TicketError as error:
            return JsonResponse({"code": error.code, "error": str(error), **error.facts}, status=error.status)

    return guarded


def sent(request: HttpRequest) -> dict[str, str]:
    """The body's fields, from a form or a JSON object. A body that is neither is taken as empty."""
    if request.content_type == "application/json":
        try:
            raw = json.loads(request.body or b"{}")
        except ValueError:
            return {}
        return {str(key): str(value) for key, value in raw.items()} if isinstance(raw, dict) else {}
    given: QueryDict = request.POST
    return {key: str(given[key]) for key in given}
