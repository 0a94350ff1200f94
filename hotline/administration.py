"""The staff administration: Django's admin, entered by the administrator's role and named in Chinese."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from directory.permissions import is_administrator


class Administration(AdminSite):
    site_header = "12345 热线 · 系统管理"
    site_title = "系统管理"
    index_title = "目录、规则与台账"
    site_url = "/desk/"
    enable_nav_sidebar = True

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The house's own log-in with its brake; for staff without the role there is no such page."""
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next") or "/admin/")

    def has_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)
