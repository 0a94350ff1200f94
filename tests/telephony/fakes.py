"""A gateway for tests: happenings are put in by hand, what is asked of it is written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from telephony.gateways.events import Happening, Snapshot
from telephony.gateways.protocol import GatewayError


class HandGateway:
    """Keeps the protocol; every action lands in `asked`; `refuse` names actions that fail."""

    places_alarms = True
    label = ""
    healthy = True

    def __init__(self, node: str = "default") -> None:
        self.node = node
        self.put: list[Happening | Snapshot] = []
        self.asked: list[tuple[Any, ...]] = []
        self.refuse: set[str] = set()

    def start(self) -> None:
        self.healthy = True

    def stop(self) -> None:
        self.healthy = False

    def happenings(self, seconds: float) -> Iterator[Happening | Snapshot]:
        items, self.put = self.put, []
        yield from items

    def _act(self, name: str, *arguments: Any) -> None:
        if name in self.refuse:
            raise GatewayError("refused", f"{name} refused")
        self.asked.append((name, *arguments))

    def log_in(self, seat: str, password: str, queues: list[str]) -> None:
        self._act("log_in", seat, password, tuple(queues))

    def join(self, seat: str, queues: list[str]) -> None:
        self._act("join", seat, tuple(queues))

    def log_out(self, seat: str) -> None:
        self._act("log_out", seat)

    def pause(self, seat: str, paused: bool, reason: str = "") -> None:
        self._act("pause", seat, paused)

    def intend(self, channel: str, intent: str) -> None:
        self._act("intend", channel, intent)

    def hang_up(self, leg: str) -> None:
        self._act("hang_up", leg)

    def originate(self, seat: str, number: str, call: str) -> None:
        self._act("originate", seat, number)

    def survey(self, number: str, call: str, key: str) -> None:
        self._act("survey", number, key)

    def alarm(self, number: str, call: str, key: str) -> None:
        self._act("alarm", number, key)

    def blind(self, leg: str, target: str) -> None:
        self._act("blind", leg, target)

    def attended(self, leg: str, target: str) -> None:
        self._act("attended", leg, target)

    def cancel_attended(self, leg: str) -> None:
        self._act("cancel_attended", leg)

    def add_party(self, channel: str, target: str, party: str, call: str) -> None:
        self._act("add_party", channel, target, party)

    def record(self, channel: str, on: bool) -> None:
        self._act("record", channel, on)

    def block(self, number: str, on: bool) -> None:
        self._act("block", number, on)

    def spy(self, supervisor: str, leg: str, mode: str, call: str) -> None:
        self._act("spy", supervisor, leg, mode)
