"""All addresses; each package brings its own."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("admin/", admin.site.urls)]
for address, module in (
    ("", "hotline.health.urls"),
    ("", "hotline.accounts.urls"),
    ("desk/", "ticketing.desk.urls"),
    ("desk/search/", "ticketing.search.urls"),
    ("knowledge/", "ticketing.knowledge.urls"),
    ("api/v1/", "ticketing.api.urls"),
    ("console/", "telephony.urls"),
    ("figures/", "dashboards.urls"),
    ("", "ticketing.portal.urls"),
):
    if find_spec(module.rpartition(".")[0]) and find_spec(module):
        import_module(module)
        urlpatterns.append(path(address, include(module)))
