"""Socket addresses."""

from __future__ import annotations

from typing import Any

from django.urls import path

from dashboards.consumers import WallSocket

websocket_urlpatterns: list[Any] = [path("ws/figures/", WallSocket.as_asgi())]
