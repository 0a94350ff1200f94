"""Who may see which figures: the hotline's supervisors and auditors their region, heads of units their own unit.

Call-back clerks and handlers see no figures, only the bad reviews they have to work on.
"""

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
    """`scope` is the most this person may see; `whole` when that is a region and not only an own unit.

    `figures` is False for somebody who only works on bad reviews (a handler or a call-back clerk) or only puts up the
    codes of the own windows (a window's clerk).
    """

    actor: Actor
    scope: Scope
    whole: bool
    units: frozenset[int]
    figures: bool = True

    @property
    def supervisor(self) -> bool:
        standing = self.actor.standing
        return standing is not None and standing.has(Role.SUPERVISOR)

    @property
    def of_city(self) -> bool:
        """Whether the region is the whole city, whose appraisal and rating points are one."""
        return self.whole and not self.scope.only

    @property
    def supervises_city(self) -> bool:
        standing = self.actor.standing
        return standing is not None and standing.holds_in(Role.SUPERVISOR, self.scope.city)


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


def rectifier_of(staff: Staff) -> Viewer | None:
    """Who works on bad reviews: whoever sees figures, call-back clerks their region, handlers their own units."""
    found = viewer_of(staff)
    actor = staff_actor(staff, "figures")
    standing = actor.standing
    assert standing is not None
    city = str(settings.CITY_REGION)
    if (found is None or not found.whole) and standing.has(Role.CALLBACK_CLERK):
        regions = regions_below([b.region for b in standing.bounds if b.role == Role.CALLBACK_CLERK])
        scope = Scope(city) if city in regions else Scope(city).limited(region=regions)
        return Viewer(actor, scope, False, found.units if found else frozenset(), figures=found is not None)
    if found is None and standing.departments:
        scope = Scope(city).limited(unit=frozenset(str(pk) for pk in standing.departments))
        return Viewer(actor, scope, False, frozenset(), figures=False)
    return found


def pointer_of(staff: Staff) -> Viewer | None:
    """Who sees rating points: whoever sees figures, and a window's clerk those of the own windows."""
    found = viewer_of(staff)
    actor = staff_actor(staff, "figures")
    standing = actor.standing
    assert standing is not None
    if found is None and (windows := standing.units(Role.WINDOW_CLERK)):
        scope = Scope(str(settings.CITY_REGION)).limited(unit=frozenset(str(pk) for pk in windows))
        return Viewer(actor, scope, False, windows, figures=False)
    return found


def figures_page(view: View) -> View:
    """Log-in required; for anybody without figures to see the page does not exist. Sets `request.viewer`."""
    return _guarded(view, viewer_of)


def rectifying_page(view: View) -> View:
    """The same for the pages on which bad reviews are worked on."""
    return _guarded(view, rectifier_of)


def pointing_page(view: View) -> View:
    """The same for the pages of rating points."""
    return _guarded(view, pointer_of)


def _guarded(view: View, find: Callable[[Staff], Viewer | None]) -> View:
    @cache_control(no_store=True, private=True)
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer = find(request.user) if isinstance(request.user, Staff) else None
        if viewer is None:
            raise Http404
        request.viewer = viewer  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def viewer(request: HttpRequest) -> Viewer:
    """The viewer that `figures_page` found."""
    found: Viewer = request.viewer  # type: ignore[attr-defined]
    return found
