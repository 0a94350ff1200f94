"""The staff administration: Django's admin, entered by the administrator's role and named in Chinese."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from directory.permissions import is_administrator


class Administration(AdminSite):
    site_header = "12345 热线 · 系统管理"
    site_title = "系统管理"
    index_title = "目录、规则与台账"
    site_url = "/desk/"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)
