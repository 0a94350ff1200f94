"""A pytest plugin, loaded by `scripts/test` before the settings: each test process has a Redis database of its own.

Without it two processes of xdist would see each other's cache, rate limits and sockets.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

#: 0 is the server's default and 1 belongs to the tests that start Celery
FIRST = 2


def own_database(url: str, worker: str) -> str:
    """`url` with the number of the database that belongs to this worker ("" is a run without workers)."""
    number = FIRST + int(worker.removeprefix("gw") or 0)
    return urlsplit(url)._replace(path=f"/{number}").geturl() if url else url


if "HOTLINE_REDIS_URL" in os.environ:
    os.environ["HOTLINE_REDIS_URL"] = own_database(
        os.environ["HOTLINE_REDIS_URL"], os.environ.get("PYTEST_XDIST_WORKER", "")
    )
