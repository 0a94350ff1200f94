"""Which processes this machine runs, from the settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import get_commands

Row = dict[str, Any]


def web(bind: str, certificate: Path | None, key: Path | None) -> Row:
    """One ASGI server for pages, API and sockets; static files are served by it without Python."""
    argv = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", bind, "--port", str(settings.PORT)]
    argv += ["--workers", "1", "--respawn-failed-workers", "--workers-kill-timeout", "8", "--no-access-log"]
    argv += ["--log-level", "warning", "--backlog", "2048"]
    argv += ["--static-path-route", "/static", "--static-path-mount", str(settings.STATIC_ROOT)]
    argv += ["--static-path-expires", "600"]
    if certificate and key:
        argv += ["--ssl-certificate", str(certificate), "--ssl-keyfile", str(key), "--ssl-protocol-min", "tls1.2"]
    return {"name": "web", "argv": [*argv, "hotline.asgi:application"], "stop_seconds": 12}


def command(name: str, *arguments: str, stop_seconds: int = 10) -> Row:
    argv = [sys.executable, str(settings.BASE_DIR / "manage.py"), name, *arguments]
    return {"name": name, "argv": argv, "stop_seconds": stop_seconds}


def background() -> list[Row]:
    """The poller, or Celery's worker and beat when a broker is named; the phone's bridge unless there is no phone."""
    known = get_commands()
    rows = []
    if settings.BACKGROUND == "celery":
        celery = [sys.executable, "-m", "celery", "--app", "hotline"]
        rows.append({"name": "worker", "argv": [*celery, "worker", "--loglevel", "WARNING", "--concurrency", "2"]})
        beat = [*celery, "beat", "--loglevel", "WARNING", "--schedule", str(settings.DATA / "beat")]
        rows.append({"name": "beat", "argv": beat})
    elif "worker" in known:
        rows.append(command("worker"))
    if settings.PHONE_GATEWAY != "none" and "bridge" in known:
        rows.append(command("bridge"))
    if settings.PHONE_GATEWAY == "sip":
        line = command("sip_robot", "--line")
        # pyVoIP lives in an environment of its own
        rows.append({**line, "name": "sip_line", "argv": [settings.SIP_PYTHON, *line["argv"][1:]]})
    return rows


def programs(bind: str, certificate: Path | None = None, key: Path | None = None) -> list[Row]:
    return [web(bind, certificate, key), *background()]
