"""Addresses below /desk/search/."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("", views.page, name="search"),
    path("suggest/", views.suggest, name="search-suggest"),
    path("alike/<str:number>/", views.alike, name="search-alike"),
]
