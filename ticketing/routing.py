"""Where ticketing's sockets lead."""

from __future__ import annotations

from typing import Any

from django.urls import path

from ticketing.consumers import DeskConsumer

websocket_urlpatterns: list[Any] = [
    path("ws/desk/", DeskConsumer.as_asgi()),
    path("ws/desk/<str:number>/", DeskConsumer.as_asgi()),
]
