"""Values of the directory kept in this process for a minute: what is asked with every report and changes once a week.

Unlike the cache nothing is copied in or out, so a compiled pattern or a classifier can be kept as it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Generic, TypeVar

T = TypeVar("T")
SECONDS = 60.0
_ALL: list[Remembered[object]] = []


class Remembered(Generic[T]):
    """A function without arguments whose answer is kept for `seconds`."""

    def __init__(self, ask: Callable[[], T], *, seconds: float = SECONDS) -> None:
        self._ask, self._seconds = ask, seconds
        self._known: tuple[float, T] | None = None
        self._forgotten = 0
        self._turn = threading.Lock()
        wraps(ask)(self)
        _ALL.append(self)  # type: ignore[arg-type]

    def __call__(self) -> T:
        known = self._known
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        # one thread asks; the others go on with what was known, or wait when nothing was
        if not self._turn.acquire(blocking=known is None):
            assert known is not None
            return known[1]
        try:
            return self._renewed()
        finally:
            self._turn.release()

    def _renewed(self) -> T:
        known = self._known
        if known is not None and time.monotonic() < known[0]:
            return known[1]  # another thread asked while this one waited
        begun = self._forgotten
        answer = self._ask()
        if begun == self._forgotten:  # else it may tell of what was before the change
            self._known = (time.monotonic() + self._seconds, answer)
        return answer

    def forget(self) -> None:
        self._forgotten += 1
        self._known = None


def remembered(seconds: float) -> Callable[[Callable[[], T]], Remembered[T]]:
    """As `Remembered`, for what must be known sooner or may be known later than in a minute."""

    def wrap(ask: Callable[[], T]) -> Remembered[T]:
        return Remembered(ask, seconds=seconds)

    return wrap


def forget() -> None:
    """Drops everything remembered in this process."""
    for remembered in _ALL:
        remembered.forget()
