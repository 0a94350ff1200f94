"""Addresses below /desk/search/."""

from __future__ import annotations

from django.urls import path

from .views import alike, page, suggest

urlpatterns = [
    path("", page, name="search"),
    path("suggest/", suggest, name="search-suggest"),
    path("alike/<str:number>/", alike, name="search-alike"),
]
