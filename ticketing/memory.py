"""Values of the directory kept in this process for a minute: what is asked with every report and changes once a week.

Unlike the cache nothing is copied in or out, so a compiled pattern or a classifier can be kept as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Generic, TypeVar

T = TypeVar("T")
SECONDS = 60.0
_ALL: list[Remembered[object]] = []


class Remembered(Generic[T]):
    """A function without arguments whose answer is kept for `SECONDS`."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._known: tuple[float, T] | None = None
        wraps(ask)(self)
        _ALL.append(self)  # type: ignore[arg-type]

    def __call__(self) -> T:
        known, now = self._known, time.monotonic()
        if known is None or now >= known[0]:
            known = self._known = (now + SECONDS, self._ask())
        return known[1]

    def forget(self) -> None:
        self._known = None


def forget() -> None:
    """Drops everything remembered in this process."""
    for remembered in _ALL:
        remembered.forget()
