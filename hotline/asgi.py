"""One address for pages, API and sockets (single machine), or the socket servers alone (production profile)."""

from __future__ import annotations

import os
from typing import Any

import django

from hotline.forked import end_when_told

end_when_told()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")

django.setup(set_prefix=False)  # loads the apps: what follows imports their models

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.db import connections  # noqa: E402

from hotline.checks import refuse_unsafe  # noqa: E402
from hotline.page_threads import Pages  # noqa: E402
from hotline.sockets import socket_urls  # noqa: E402
from hotline.whole_cookies import with_whole_cookies  # noqa: E402
from ticketing import warming  # noqa: E402

refuse_unsafe()
warming.begin()
connections.databases["default"]["CONN_MAX_AGE"] = 60  # the threads live on, and so may their connections
pages = Pages()
sockets = AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(socket_urls())))


async def with_own_send(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Sockets that tell thousands the same need the server's send itself, not the session's wrapper around it."""
    await sockets({**scope, "hotline.send": send}, receive, send)


application = with_whole_cookies(ProtocolTypeRouter({"http": pages, "websocket": with_own_send}))
