"""Celery of the production profile: the same functions that the single machine's poller calls, on many machines."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")

app = Celery("hotline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["hotline", "ticketing", "telephony", "dashboards"])
