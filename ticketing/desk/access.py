"""Who is at the desk: the log-in turned into an actor, and hidden tickets into pages that do not exist."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from directory.models import Role, Staff
from ticketing.errors import TicketNotFound
from ticketing.lifecycle.actors import Actor, staff_actor

View = Callable[..., HttpResponse]


def actor_of(request: HttpRequest) -> Actor:
    """The actor behind the request, worked out once. Raises `Http404` for somebody without a staff log-in."""
    known: Actor | None = getattr(request, "_desk_actor", None)
    if known is None:
        if not isinstance(request.user, Staff):
            raise Http404
        known = staff_actor(request.user, "desk")
        request._desk_actor = known  # type: ignore[attr-defined]
    return known


def staff_id_of(actor: Actor) -> int:
    """The id of the person at the desk."""
    if actor.staff_id is None:
        raise Http404
    return actor.staff_id


def sight(actor: Actor) -> str:
    """Names what the actor sees: people of the same regions share remembered figures."""
    regions = actor.standing.regions if actor.standing else frozenset()
    units = actor.standing.departments if actor.standing else frozenset()
    own = actor.staff_id if actor.standing and actor.standing.has(Role.WINDOW_CLERK) else None
    return hashlib.sha256(repr((sorted(regions), sorted(units), own)).encode()).hexdigest()[:32]


LOGGED_OUT = (
    '<p class="notice error" role="alert">登录已失效。请'
    '<a href="/login/" target="_blank" rel="noopener">在新窗口登录</a>后回到本页继续，您填写的内容仍在。</p>'
)


def _log_in_again(view: View) -> View:
    """A part of a page asked for after the session ended says so in place: a redirect would swap the log-in page in
    and lose what was typed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated or not request.headers.get("HX-Request"):
            return view(request, *args, **kwargs)
        place = "#presence, #tiles, #suggestion, #rates, #alike"
        return HttpResponse(
            LOGGED_OUT, headers={"HX-Retarget": place, "HX-Reselect": ".notice", "HX-Reswap": "innerHTML"}
        )

    return guarded


def staff_page(view: View) -> View:
    """Log-in required, nothing kept by browsers or proxies, and a ticket one may not know of is a page not found."""

    @cache_control(no_store=True, private=True)
    @_log_in_again
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TicketNotFound as error:
            raise Http404(str(error)) from error

    return guarded


def for_roles(*roles: str) -> Callable[[View], View]:
    """As `staff_page`; for anybody without one of `roles` the page does not exist."""

    def wrap(view: View) -> View:
        @staff_page
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            standing = actor_of(request).standing
            if standing is None or not standing.has(*roles):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return wrap
