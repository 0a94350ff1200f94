"""The database and the Redis that a product started by a test stands on: the ones that the suite itself is run on.

On SQLite that is nothing but a data folder. On PostgreSQL each product gets a database of its own on the server of this
test process, dropped at the end, and a Redis database that no other test process uses.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.workers import WORKER, own_database

TOP = Path(__file__).parents[2]
#: of the demo's staff in every product that tests start
PASSWORD = "hotline12345"
#: Redis has 16 databases: those of the test processes themselves come before these (`tests.workers.FIRST`)
FIRST = 9


def inherited() -> dict[str, str]:
    """This process's environment without any setting of the product."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HOTLINE_") and name != "DJANGO_SETTINGS_MODULE"
    }


@contextmanager
def backing(data: Path) -> Iterator[dict[str, str]]:
    """The environment of a product whose data folder is `data`, on an empty database."""
    with _database("product", "") as found:
        yield found | {"HOTLINE_DATA": str(data)}


@contextmanager
def with_city(data: Path) -> Iterator[dict[str, str]]:
    """The same with every table and the demo city: a copy of one that all tests of a run share."""
    folder, template = _city(data)
    shutil.copytree(folder, data)
    with _database("product", template) as found:
        yield found | {"HOTLINE_DATA": str(data)}


def manage(environment: dict[str, str], *words: str, seconds: int = 240) -> str:
    """What `manage.py` printed; a failure shows what it said."""
    done = subprocess.run(
        [sys.executable, str(TOP / "manage.py"), *words],
        env=environment,
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def _server() -> str:
    server = os.environ.get("HOTLINE_DATABASE_URL", "")
    return server if server.startswith("postgres") else ""


def _run_folder(data: Path) -> Path:
    """The folder that all processes of this run of pytest have in common."""
    return next(folder for folder in data.parents if folder.name.startswith("pytest-"))


def _city(data: Path) -> tuple[Path, str]:
    """(data folder, database) of the copied city, made by whoever comes first."""
    server = _server()
    shared = _run_folder(data) / f"city-{urlsplit(server).port or 'file'}"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        name = shared / "database"
        if not name.exists():
            template = _create("city", "") if server else ""
            environment = _environment(template) | {"HOTLINE_DATA": str(shared / "var")}
            for words in (["migrate", "-v0"], ["load_city"]):
                manage(environment, *words)
            name.write_text(template, encoding="ascii")
        return shared / "var", name.read_text(encoding="ascii")


@contextmanager
def _database(kind: str, template: str) -> Iterator[dict[str, str]]:
    if not _server():
        yield _environment("")
        return
    name = _create(kind, template)
    try:
        yield _environment(name)
    finally:
        _execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _environment(database: str) -> dict[str, str]:
    found = inherited() | {"HOTLINE_DEMO_PASSWORD": PASSWORD}
    if database:
        found["HOTLINE_DATABASE_URL"] = urlsplit(_server())._replace(path=f"/{database}").geturl()
        found["HOTLINE_REDIS_URL"] = own_database(os.environ["HOTLINE_REDIS_URL"], WORKER, FIRST)
    return found


def _create(kind: str, template: str) -> str:
    from redis import Redis

    with Redis.from_url(own_database(os.environ["HOTLINE_REDIS_URL"], WORKER, FIRST)) as client:
        client.flushdb()
    name = f"{kind}_{secrets.token_hex(6)}"
    _execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    return name


def _execute(statement: str) -> None:
    import psycopg

    with psycopg.connect(_server(), autocommit=True) as connection:
        connection.execute(statement.encode())
