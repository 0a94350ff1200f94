"""First come, first served: how threads share the processors while they search."""

from __future__ import annotations

from collections import deque
from threading import Lock
from types import TracebackType


class Turns:
    """At most `places` inside at once; a place that gets free goes to whoever waits longest.

    `threading.Semaphore` lets the thread that leaves come back before those who wait: with eight users the slowest
    answer took fifty times the usual time.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if self._free:
                self._free -= 1
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
