"""Where sockets lead: each package that has some names them in `PACKAGE/routing.py` as `websocket_urlpatterns`."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

PACKAGES = ("ticketing", "telephony", "dashboards")


def socket_urls() -> list[Any]:
    """The patterns of all packages, first come first served; an unknown address is closed by channels' router."""
    found: list[Any] = []
    for package in PACKAGES:
        name = f"{package}.routing"
        if find_spec(name) is not None:
            found += import_module(name).websocket_urlpatterns
    return found
