"""Addresses under /console/twilio/. `voice` and `status` are set at the provider's number; we name the others."""

from __future__ import annotations

from django.urls import path

from telephony.gateways.twilio import views

urlpatterns = [
    path("voice", views.voice),
    path("status", views.status),
    path("wait", views.wait),
    path("key", views.key),
    path("left", views.left),
    path("seat", views.seat),
    path("seat-done", views.seat_done),
    path("room", views.room),
    path("leg", views.leg),
    path("talked", views.talked),
    path("rated", views.rated),
    path("party", views.party),
    path("transferred", views.transferred),
    path("recording", views.recording),
]
