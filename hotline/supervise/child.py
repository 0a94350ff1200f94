"""One supervised process."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
STEADY_SECONDS = 60.0  # a process that ran this long has earned a fresh start
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """What to run. `stop_seconds` is how long SIGTERM may take before SIGKILL follows."""

    name: str
    argv: Sequence[str]
    stop_seconds: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)


def wait_after(failures: int) -> float:
    """Seconds before the next start after so many short runs in a row: 0.5, 1, 2, 4 … at most 30."""
    return min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(max(0, failures - 1), 10))


def _die_with_parent() -> None:
    """In the new process: when the supervisor is killed outright, the kernel ends its children (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A program with its current process. All times are seconds of the clock given to each call."""

    def __init__(self, program: Program, say: Callable[[str], None]) -> None:
        self.program = program
        self.failures = 0
        self.due_at = 0.0
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def step(self, now: float) -> None:
        """Notice an end; start again when due."""
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            self._ended(code, now)
        elif now >= self.due_at:
            self._start(now)

    def _start(self, now: float) -> None:
        # its own session: Ctrl-C reaches the supervisor alone, and a signal to the group reaches every grandchild
        self._started_at = now
        try:
            self._process = subprocess.Popen(
                self.program.argv,
                env={**os.environ, **self.program.environment},
                start_new_session=True,
                preexec_fn=_die_with_parent,  # safe: the supervisor has no threads
            )
        except OSError as error:
            self._say(f"{self.program.name} cannot be started: {error}")
            self._plan(now)

    def _ended(self, code: int, now: float) -> None:
        self.signal_group(signal.SIGKILL)  # a killed server may leave workers that hold its port
        self._process = None
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        if now - self._started_at >= STEADY_SECONDS:
            self.failures = 0
        self._plan(now)
        self._say(f"{self.program.name} ended ({how}); next start in {self.due_at - now:.1f} s")

    def _plan(self, now: float) -> None:
        self.failures += 1
        self.due_at = now + wait_after(self.failures)

    def signal_group(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return  # the group is already gone

    def stop(self) -> None:
        self.signal_group(signal.SIGTERM)

    def stopped(self) -> bool:
        """True when the process is gone; what is left of its group is ended."""
        if self._process is None:
            return True
        if self._process.poll() is None:
            return False
        self.signal_group(signal.SIGKILL)
        self._process = None
        return True

    def kill(self) -> None:
        if self._process is not None:
            self.signal_group(signal.SIGKILL)
            self._process.wait()
            self._process = None
