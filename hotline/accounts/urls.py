"""Addresses of log-in, log-out and the role's start page."""

from __future__ import annotations

from django.urls import path

from hotline.accounts import views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("password/", views.Password.as_view(), name="password"),
    path("start/", views.start, name="start"),
]
