"""Socket addresses."""

from __future__ import annotations

from typing import Any

from django.urls import path

from telephony.console.sockets import BoardSocket, ConsoleSocket, PhoneSocket

websocket_urlpatterns: list[Any] = [
    path("ws/console/", ConsoleSocket.as_asgi()),
    path("ws/board/", BoardSocket.as_asgi()),
    path("ws/phone/", PhoneSocket.as_asgi()),
]
