"""Who may see which figures: the hotline's supervisors and auditors their region, heads of units their own unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from dashboards.measures.scope import Scope
from directory.access import departments_below, regions_below
from directory.models import Role, Staff
from ticketing.lifecycle.actors import Actor, staff_actor

#: who sees the figures of a whole region
WATCHERS = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.DISPATCHER, Role.CHECKER})
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Viewer:
    """`scope` is the most this person may see; `whole` when that is a region and not only an own unit."""

    actor: Actor
    scope: Scope
    whole: bool
    units: frozenset[int]

    @property
    def supervisor(self) -> bool:
        standing = self.actor.standing
        return standing is not None and standing.has(Role.SUPERVISOR)


def viewer_of(staff: Staff) -> Viewer | None:
    """What `staff` may see; None for somebody who may see no figures."""
    actor = staff_actor(staff, "figures")
    standing = actor.standing
    assert standing is not None
    city = str(settings.CITY_REGION)
    heads = departments_below(
        [b.department_id for b in standing.bounds if b.role == Role.UNIT_HEAD and b.department_id]
    )
    held = [b.region for b in standing.bounds if b.role in WATCHERS]
    if held:
        regions = regions_below(held)
        scope = Scope(city) if city in regions else Scope(city).limited(region=regions)
        return Viewer(actor, scope, True, heads)
    if heads:
        return Viewer(actor, Scope(city).limited(unit=frozenset(str(pk) for pk in heads)), False, heads)
    return None


def figures_page(view: View) -> View:
    """Log-in required; for anybody without figures to see the page does not exist. Sets `request.viewer`."""

    @cache_control(no_store=True, private=True)
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer = viewer_of(request.user) if isinstance(request.user, Staff) else None
        if viewer is None:
            raise Http404
        request.viewer = viewer  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def viewer(request: HttpRequest) -> Viewer:
    """The viewer that `figures_page` found."""
    found: Viewer = request.viewer  # type: ignore[attr-defined]
    return found
