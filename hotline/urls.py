"""Where addresses lead. Each package brings its own `urls` module."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("hotline.health.urls")),
    path("admin/", admin.site.urls),
]
