"""A pytest plugin, loaded by `scripts/test` before the settings: each test process has services of its own.

Without a Redis database of its own, it would see another process's cache, rate limits and sockets; and on a shared
PostgreSQL server another process's open transaction would hold back its outbox.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

#: 0 is the server's default and 1 belongs to the tests that start Celery
FIRST = 2


def own_database(url: str, worker: str, first: int = FIRST) -> str:
    """`url` with the number of the database that belongs to this worker ("" is a run without workers)."""
    number = first + int(worker.removeprefix("gw") or 0)
    return urlsplit(url)._replace(path=f"/{number}").geturl() if url else url


def own_server(urls: list[str], worker: str) -> str:
    """The database server of this worker; the first where there are fewer servers than workers."""
    number = int(worker.removeprefix("gw") or 0)
    return urls[number] if number < len(urls) else urls[0]


WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
if "HOTLINE_REDIS_URL" in os.environ:
    os.environ["HOTLINE_REDIS_URL"] = own_database(os.environ["HOTLINE_REDIS_URL"], WORKER)
if servers := os.environ.get("HOTLINE_TEST_DATABASES", "").split():
    os.environ["HOTLINE_DATABASE_URL"] = own_server(servers, WORKER)
