"""The front page, short texts, the large-type switch, and files."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from directory.models import Staff
from ticketing.attachments import serving
from ticketing.lifecycle.actors import Actor, staff_actor
from ticketing.portal import owned, publicity

_COOKIE_SECONDS = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    newest = cache.get("portal.newest")
    if newest is None:
        newest = publicity.page().answers[:3]
        cache.set("portal.newest", newest, 60)
    return render(request, "ticketing/portal/home.html", {"answers": newest})


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "ticketing/portal/help.html", {"reopen_days": settings.REOPEN_DAYS})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "ticketing/portal/accessibility.html")


@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Large type on or off, remembered by a cookie; back to where the person was."""
    target = request.POST.get("next", "/")
    if not target.startswith("/") or not url_has_allowed_host_and_scheme(target, None):
        target = "/"
    answer = HttpResponseRedirect(target)
    if request.POST.get("on") == "1":
        answer.set_cookie("elder", "1", max_age=_COOKIE_SECONDS, samesite="Lax", secure=settings.TLS, httponly=True)
    else:
        answer.delete_cookie("elder", samesite="Lax")
    return answer


@never_cache
@require_safe
def attachment(request: HttpRequest, key: str) -> HttpResponse:
    """A file for whoever may know of its ticket: staff by their standing, citizens by this session."""
    for actor in _actors(request):
        found = serving.find(actor, key)
        if found is not None:
            try:
                return serving.response(found, actor)
            except FileNotFoundError as error:
                raise Http404 from error
    raise Http404


def _actors(request: HttpRequest) -> list[Actor]:
    staff = [staff_actor(request.user)] if isinstance(request.user, Staff) else []
    return [*staff, owned.actor(request)]
