"""Names the site that the admin uses; a module of its own, because apps are configured before models exist."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    default_site = "hotline.administration.Administration"
