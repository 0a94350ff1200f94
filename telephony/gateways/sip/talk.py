"""One automatic conversation: play a prompt, take one key. Knows the phone only by five of its methods."""

from __future__ import annotations

import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKET = 160  # samples in 20 ms
KEYS = frozenset("012345")


@dataclass(frozen=True, slots=True)
class Result:
    """`reached`: somebody answered. `key`: what was pressed, empty when nothing was (never counted as satisfied)."""

    reached: bool
    key: str = ""
    reason: str = ""


def sound(path: Path) -> bytes:
    """A 16-bit wav as the 8-bit unsigned samples that pyVoIP sends."""
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, 8000):
            raise ValueError(f"{path.name} must be a mono wav of 8000 Hz and 16 bit")
        data = file.readframes(file.getnframes())
    return bytes(((data[n + 1] + 128) & 0xFF) for n in range(0, len(data), 2))


def converse(
    call: Any, prompt: bytes, *, ring_seconds: float = 40, key_seconds: float = 10,
    clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep,
) -> Result:  # fmt: skip
    """Waits for an answer, speaks, listens for a key (also while speaking), hangs up. Never raises for the far side."""
    until = clock() + ring_seconds
    while state(call) != "ANSWERED":
        if state(call) == "ENDED":
            return Result(False, reason="refused")
        if clock() > until:
            quiet(call.hangup)
            return Result(False, reason="no_answer")
        sleep(0.05)
    call.write_audio(prompt)
    until = clock() + len(prompt) / 8000 + key_seconds
    pressed = ""
    while state(call) == "ANSWERED" and clock() < until and not pressed:
        digit = str(call.get_dtmf(1) or "")
        pressed = digit if digit in KEYS else ""
        call.read_audio(PACKET, blocking=False)
        sleep(0.02)
    if state(call) == "ANSWERED":
        quiet(call.hangup)
    return Result(True, pressed)


class Late:
    """Phones that we gave up: pyVoIP sends no CANCEL, so whoever answers late is hung up on at once."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def add(self, call: Any) -> None:
        if state(call) != "ENDED":
            self.calls.append(call)

    def sweep(self) -> None:
        for call in list(self.calls):
            if state(call) == "ANSWERED":
                quiet(call.hangup)
            if state(call) == "ENDED":
                self.calls.remove(call)


def state(call: Any) -> str:
    return str(call.state.name)


def quiet(run: Callable[[], object]) -> None:
    """pyVoIP raises when the far side was faster; that is no failure of ours."""
    try:
        run()
    except Exception:
        return
