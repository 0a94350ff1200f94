"""The three addresses. They tell states and figures, never names or numbers of people."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hotline.health.probes import parts
from hotline.health.registry import State, ask_all


@never_cache
@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """The process answers. Nothing else is asked, so that a slow database never gets a healthy process restarted."""
    return JsonResponse({"status": "alive"})


def _answer(body: Mapping[str, object], *, well: bool) -> JsonResponse:
    """A 503 here is an answer, asked for every few seconds: it is not logged as this server's failure."""
    response = JsonResponse(dict(body), status=200 if well else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _verdict(states: dict[str, State | None]) -> str:
    given = [state for state in states.values() if state is not None]
    if not all(state.ok for state in given):
        return "failing"
    return "degraded" if any(state.degraded for state in given) else "ok"


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while work can be taken; parts that do not work as they should are named."""
    known = parts()
    states = ask_all(known)
    failing = [name for name, state in states.items() if state is not None and not state.ok]
    degraded = [name for name, state in states.items() if state is not None and (state.degraded or not state.ok)]
    ready = not any(known[name].required for name in failing)
    status = "not ready" if not ready else "degraded" if degraded else "ready"
    body = {"status": status, "degraded": [name for name in degraded if not known[name].required]}
    return _answer(body, well=ready)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The full truth for monitoring: 200 only when every configured part works."""
    states = ask_all(parts())
    verdict = _verdict(states)
    body = {
        "status": verdict,
        "parts": {name: {"configured": False} if state is None else state.as_json() for name, state in states.items()},
    }
    return _answer(body, well=verdict != "failing")
