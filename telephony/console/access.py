"""Who may do what here: a seat's own agent by its log-in token, supervisors by their role."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse

from directory.models import Role, Staff
from telephony.models import SeatState
from telephony.seats.orders import OrderFailed
from ticketing.errors import TicketError
from ticketing.lifecycle.actors import Actor, staff_actor

AGENTS = (Role.AGENT, Role.SUPERVISOR, Role.CALLBACK_CLERK, Role.CHECKER, Role.AUDITOR)
SEATED = (Role.AGENT, Role.SUPERVISOR, Role.CALLBACK_CLERK)
View = Callable[..., HttpResponse]


class Refused(Exception):
    """An answer that is not 200: a stable code, a text for the screen."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code = status, code


def staff(request: HttpRequest) -> Staff:
    assert isinstance(request.user, Staff)
    return request.user


def acting(request: HttpRequest) -> Actor:
    """Who asks, with the roles in force now; looked up once a request."""
    found: Actor | None = getattr(request, "console_actor", None)
    if found is None:
        found = staff_actor(staff(request), "console")
        request.console_actor = found  # type: ignore[attr-defined]
    return found


def may(request: HttpRequest, *roles: str) -> bool:
    held = acting(request).standing
    return held is not None and held.has(*roles)


def require(request: HttpRequest, *roles: str) -> None:
    if not may(request, *roles):
        raise Refused(403, "forbidden", "您没有使用此功能的权限")


def seat_of(request: HttpRequest) -> SeatState:
    """The seat that this page logged in to. A page that was superseded learns it at once."""
    token = request.headers.get("X-Seat-Token", "")
    seat = SeatState.objects.filter(staff=staff(request)).exclude(token="").first() if token else None
    if seat is None:
        raise Refused(409, "not_logged_in", "请先登录座席")
    if not hmac.compare_digest(seat.token, token):
        raise Refused(409, "superseded", "该座席已在别处登录，本页已停用")
    return seat


def endpoint(*methods: str) -> Callable[[View], View]:
    """A JSON view for staff: wrong methods, refusals and failed orders become clear answers."""

    def wrap(view: View) -> View:
        @login_required
        @wraps(view)
        def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if request.method not in methods:
                return JsonResponse({"code": "method", "text": f"只接受 {'、'.join(methods)}"}, status=405)
            try:
                require(request, *AGENTS)
                return view(request, *args, **kwargs)
            except Refused as error:
                return JsonResponse({"code": error.code, "text": str(error)}, status=error.status)
            except OrderFailed as error:
                return JsonResponse({"code": error.code, "text": str(error)}, status=409)
            except TicketError as error:
                facts = {"field": error.facts.get("field", "")}
                return JsonResponse({"code": error.code, "text": str(error), **facts}, status=error.status)

        return inner

    return wrap
