"""The loop over all children; the only state is in memory, because every process can be started again at any time."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

from hotline.supervise.child import Child, Program

TICK_SECONDS = 0.2
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def say(text: str) -> None:
    print(f"up: {text}", file=sys.stderr, flush=True)


class Supervisor:
    """Runs the programs until told to stop; `when_ready` is called once, after `is_ready` first says yes."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        is_ready: Callable[[], bool] = lambda: True,
        when_ready: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.children = [Child(program, say) for program in programs]
        self._is_ready, self._when_ready = is_ready, when_ready
        self._announced = False
        self._clock, self._sleep = clock, sleep
        self._stop_requests = 0

    def request_stop(self, number: int = signal.SIGTERM, frame: FrameType | None = None) -> None:
        """A signal handler: the first request stops cleanly, the second at once."""
        self._stop_requests += 1

    def run(self) -> None:
        """Until the first SIGINT or SIGTERM; then every child is stopped before it returns."""
        for number in STOP_SIGNALS:
            signal.signal(number, self.request_stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)  # `manage.py up` lets them wait for us
        try:
            while not self._stop_requests:
                self.tick()
                self._sleep(TICK_SECONDS)
        finally:
            self.stop_all()

    def tick(self) -> None:
        now = self._clock()
        for child in self.children:
            child.step(now)
        if not self._announced and self._is_ready():
            self._announced = True
            self._when_ready()

    def stop_all(self) -> None:
        """In reverse order of start: sockets and HTTP were started first and stay longest."""
        say("stopping")
        began, requests = self._clock(), self._stop_requests
        for child in reversed(self.children):
            child.stop()
        waiting = [child for child in self.children if not child.stopped()]
        while waiting and self._stop_requests <= max(requests, 1):
            elapsed = self._clock() - began
            for child in waiting:
                if elapsed > child.program.stop_seconds:
                    say(f"{child.program.name} did not stop in {child.program.stop_seconds:.0f} s; ending it")
                    child.kill()
            self._sleep(TICK_SECONDS / 2)
            waiting = [child for child in waiting if not child.stopped()]
        for child in waiting:
            child.kill()
        say("stopped")
