"""The door of a phone network. Every gateway keeps these promises; what one cannot do raises `Unsupported`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from telephony.gateways.events import Happening, Snapshot


class GatewayError(RuntimeError):
    """The network refused or did not answer; `code` is stable, `retry` says whether asking again can help."""

    def __init__(self, code: str, text: str, *, retry: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.retry = retry


class Unsupported(GatewayError):
    """This network cannot do that."""

    def __init__(self, what: str) -> None:
        super().__init__("unsupported", f"当前电话网络不支持{what}")


class Gateway(Protocol):
    """One phone network. `channel` is the network's name of a caller's leg, `leg` that of a seat's.

    A transfer's `target` is `110`, a seat's number, `peer-TRUNK`, `tel:NUMBER` of a unit or, if blind, `queue:NAME`.
    """

    node: str
    places_alarms: bool  # False: another process of this network does (the SIP robot)
    label: str  # shown on every screen when it is not a real network

    def start(self) -> None: ...

    def stop(self) -> None: ...

    @property
    def healthy(self) -> bool: ...

    def happenings(self, seconds: float) -> Iterator[Happening | Snapshot]:
        """What happened since the last call, in order, waiting at most `seconds`. A `Snapshot` follows each connect."""
        ...

    def log_in(self, seat: str, password: str, queues: list[str]) -> None: ...

    def join(self, seat: str, queues: list[str]) -> None: ...

    def log_out(self, seat: str) -> None: ...

    def pause(self, seat: str, paused: bool, reason: str = "") -> None: ...

    def intend(self, channel: str, intent: str) -> None:
        """Records on the caller's leg that the seat's leg may end: `hangup` or `transfer`."""
        ...

    def hang_up(self, leg: str) -> None: ...

    def originate(self, seat: str, number: str, call: str) -> None: ...

    def survey(self, number: str, call: str, key: str) -> None: ...

    def alarm(self, number: str, call: str, key: str) -> None:
        """Rings a person on duty, speaks the alarm and takes one key. `ALARM_HEARD` follows when it was answered."""
        ...

    def blind(self, leg: str, target: str) -> None: ...

    def attended(self, leg: str, target: str) -> None: ...

    def cancel_attended(self, leg: str) -> None: ...

    def add_party(self, channel: str, target: str, party: str, call: str) -> None: ...

    def record(self, channel: str, on: bool) -> None: ...

    def block(self, number: str, on: bool) -> None:
        """Numbers on the nuisance list are turned away before the queue, or no longer."""
        ...

    def spy(self, supervisor: str, leg: str, mode: str, call: str) -> None:
        """Rings the supervisor's phone to `listen`, `whisper` to the seat or `barge` in; `call` is our id of it."""
        ...
