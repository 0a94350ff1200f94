"""Write transactions. On SQLite, which has one writer, the threads of a process queue instead of polling the file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_TURN = threading.RLock()


@contextmanager
def writing() -> Iterator[None]:
    """`transaction.atomic()`, with the process's threads in a row on SQLite: its busy handler sleeps up to 100 ms."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with _TURN, transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield
