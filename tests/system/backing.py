"""The database and the Redis that a product started by a test stands on: the ones that the suite itself is run on.

On SQLite that is nothing but a data folder. On PostgreSQL each product gets a database of its own on the server of this
test process, dropped at the end, and a Redis database that no other test process uses.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.workers import WORKER, own_database

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
    """The environment of a product whose data folder is `data`."""
    environment = inherited() | {"HOTLINE_DATA": str(data)}
    server = os.environ.get("HOTLINE_DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield environment
        return
    name = f"product_{secrets.token_hex(6)}"
    redis = own_database(os.environ["HOTLINE_REDIS_URL"], WORKER, FIRST)
    _flush(redis)
    _execute(server, f'CREATE DATABASE "{name}"')
    try:
        yield environment | {
            "HOTLINE_DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl(),
            "HOTLINE_REDIS_URL": redis,
        }
    finally:
        _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def _flush(url: str) -> None:
    from redis import Redis

    with Redis.from_url(url) as client:
        client.flushdb()
