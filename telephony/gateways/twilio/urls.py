"""Addresses under /console/twilio/."""

from __future__ import annotations

from django.urls import path

from telephony.gateways.twilio import views

urlpatterns = [
    path("voice", views.voice),
    path("wait", views.wait),
    path("key", views.key),
    path("left", views.left),
    path("seat", views.seat),
    path("connected", views.connected),
    path("rated", views.rated),
    path("status", views.status),
    path("transferred", views.transferred),
    path("seat-done", views.seat_done),
    path("recording", views.recording),
]
