"""`manage.py first_run`: bring the data folder to where the product can work. Safe to repeat."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from hotline.launch import static


@contextmanager
def only_one() -> Iterator[None]:
    """Two first runs on one data folder wait for each other."""
    with open(settings.DATA / ".first_run", "a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrations_missing() -> bool:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def elsewhere() -> bool:
    """The directory has places, but not the city that is served: the demo has nowhere to happen; `up` says why."""
    places = apps.get_model("directory.Region")._default_manager
    return places.exists() and not places.filter(pk=settings.CITY_REGION).exists()


def is_empty(label: str) -> bool:
    """No row of this model yet; false when the model is not part of this installation."""
    try:
        model = apps.get_model(label)
    except LookupError:
        return False
    return not model._default_manager.exists()


class Command(BaseCommand):
    help = (
        "Migrate the database, load the city, collect static files and, with --demo, the demo's knowledge and tickets"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="fill an empty demo city with knowledge and tickets (stage quiet)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with only_one():
            if migrations_missing():
                self.stderr.write("preparing the database")
                call_command("migrate", interactive=False, verbosity=0)
            if is_empty("directory.Region"):
                # staff that nobody is told the password of are opened by the administrator
                self._call("load_city", password=settings.DEMO_PASSWORD if settings.DEMO else secrets.token_urlsafe(24))
            wanted = options["demo"] and settings.DEMO and not elsewhere()
            if wanted and is_empty("ticketing.KnowledgeEntry"):
                self._call("import_knowledge", demo=True)
            if wanted and (is_empty("ticketing.Ticket") or self._unfinished().exists()):
                self._unfinished().touch()
                self._call("demo", stage="quiet")
                self._unfinished().unlink(missing_ok=True)
            static.collect()

    @staticmethod
    def _unfinished() -> Path:
        """There while the demo is being loaded: a run that was killed meanwhile is made complete by the next one."""
        return Path(settings.DATA) / ".demo-unfinished"

    def _call(self, name: str, **options: Any) -> None:
        if name in get_commands():
            self.stderr.write(f"first run: {name}")
            call_command(name, stdout=self.stderr, **options)
