"""`manage.py up`: first run, then hand over to the supervisor. `scripts/up` is the way to call it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from directory.models import Region
from hotline.launch import banner, phone, plan, tls
from hotline.supervise.supervisor import STOP_SIGNALS


def hold(path: Path) -> int:
    """The lock of the data folder, held until the supervisor ends. Raises `CommandError` when somebody has it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(
            f"the product is already running on {path.parent}; stop it first, or HOTLINE_DATA names another folder"
        ) from None
    return lock


def listen_fault(bind: str, port: int) -> str:
    """Why nobody can listen there, in words with the setting that helps; empty when somebody can."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except PermissionError:
            return f"this user may not listen on port {port}; HOTLINE_PORT names another, 1024 or above"
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"{bind}:{port} is taken; HOTLINE_PORT names another port"
            return f"HOTLINE_BIND={bind!r} is no address of this machine: {error.strerror}"
    return ""


def city_fault() -> str:
    """Why no complaint could be taken in: the directory lacks the city that this installation serves."""
    if Region.objects.filter(pk=settings.CITY_REGION).exists():
        return ""
    return f"HOTLINE_CITY_REGION={settings.CITY_REGION!r} is no region of the directory; load its city first: load_city"


def _give_up(number: int, frame: object) -> None:
    """Told to stop while preparing: what runs meanwhile ends on the way out, and an open transaction is undone."""
    sys.stderr.write("up: stopped\n")
    sys.exit(128 + number)


class Command(BaseCommand):
    help = "Prepare the data folder and run every process of the product until Ctrl-C or SIGTERM"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tls", action="store_true", help="serve https with a certificate of a local authority")
        parser.add_argument("--no-demo", action="store_true", help="do not load the demo's tickets")

    def handle(self, *args: Any, **options: Any) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, _give_up)
        lock = hold(settings.DATA / ".up.lock")
        bind = settings.BIND
        if fault := listen_fault(bind, settings.PORT):
            raise CommandError(fault)
        call_command("first_run", demo=not options["no_demo"], stderr=self.stderr)
        if fault := city_fault():
            raise CommandError(fault)
        if options["tls"]:
            os.environ["HOTLINE_TLS"] = "true"
            os.environ.setdefault("HOTLINE_PUBLIC_URL", f"https://localhost:{settings.PORT}")
        chosen = phone.choose(self.stderr.write)
        os.environ["HOTLINE_PHONE_GATEWAY"] = chosen.gateway
        settings.PHONE_GATEWAY = chosen.gateway
        path = self._write_plan(bind, options["tls"], chosen, lock)
        connections.close_all()
        self.stderr.write("starting")
        sys.stderr.flush()
        # what comes before the supervisor can hear it waits for it
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        os.set_inheritable(lock, True)
        os.execv(sys.executable, [sys.executable, "-m", "hotline.supervise", str(path)])

    def _write_plan(self, bind: str, secure: bool, chosen: phone.Phone, lock: int) -> Path:
        notes, files = [chosen.note], None
        if secure:
            files = tls.ensure(settings.DATA / "tls", tls.served_names(settings.ALLOWED_HOSTS))
            notes.append(f"other machines must trust {files.authority}")
        scheme = "https" if secure else "http"
        host = "127.0.0.1" if bind in ("0.0.0.0", "::") else bind
        rows = plan.programs(bind, files.certificate if files else None, files.key if files else None)
        shown = f"{scheme}://{'localhost' if host in ('127.0.0.1', '::1') else host}:{settings.PORT}/"
        content = {
            "programs": rows,
            "afterwards": [chosen.stop] if chosen.stop else [],
            "lock_fd": lock,
            "ready_url": f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.PORT}/readyz",
            "host": f"{settings.ALLOWED_HOSTS[0]}:{settings.PORT}" if settings.ALLOWED_HOSTS else "",
            "banner": banner.text(shown, notes),
        }
        path = settings.DATA / ".up.json"
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return Path(path)
