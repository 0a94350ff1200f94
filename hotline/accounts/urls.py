"""Addresses of log-in, log-out and the role's start page."""

from __future__ import annotations

from django.conf import settings
from django.urls import path
from django.views.generic import RedirectView

from hotline.accounts import views

urlpatterns = [
    # pages without our head (the administration) are asked for it by every browser
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}img/mark.svg")),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("password/", views.Password.as_view(), name="password"),
    path("start/", views.start, name="start"),
]
