"""A recorded day of a real Asterisk, played again through the same door; labelled like the demo that it is."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from telephony.ami import Message
from telephony.gateways.asterisk.log import IDS, read
from telephony.gateways.asterisk.normalise import Normaliser
from telephony.gateways.demo import DemoGateway
from telephony.gateways.events import Happening, Snapshot

log = logging.getLogger(__name__)


class ReplayGateway(DemoGateway):
    """Events keep their distances, divided by `speed`, and happen now; calls get names of this replay."""

    label = "演示电话：回放录制的话务"

    def __init__(self, node: str, path: Path, *, speed: float = 1.0) -> None:
        super().__init__(node)
        self.events = list(read(path))
        self.speed = speed
        self.run = f"r{int(time.time())}"
        self._normaliser = Normaliser(node)
        self._next = 0
        self._began = 0.0
        self._first = float(self.events[0].get("Timestamp")) if self.events else 0.0

    def start(self) -> None:
        self.healthy = True
        self._began = time.time()
        self._out.append(Snapshot(self.node, datetime.now(UTC)))
        log.info("replaying %d events at %g times their speed", len(self.events), self.speed)

    def happenings(self, seconds: float) -> Iterator[Happening | Snapshot]:
        due = self._due()
        if not due and not self._out:
            time.sleep(seconds)
        out, self._out = self._out, []
        yield from out
        for message in due:
            yield from self._normaliser.feed(message)

    def _due(self) -> list[Message]:
        found = []
        while self._next < len(self.events):
            message = self.events[self._next]
            moment = self._began + (float(message.get("Timestamp")) - self._first) / self.speed
            if moment > time.time():
                break
            found.append(self._renamed(message, moment))
            self._next += 1
            if self._next == len(self.events):
                log.info("the replay is over")
        return found

    def _renamed(self, message: Message, moment: float) -> Message:
        """The same event now, of a call that only this replay knows."""
        keys = {
            key: f"{value}~{self.run}" if key in IDS and value else value for key, value in message.keys.items()
        }  # fmt: skip
        return replace(message, keys={**keys, "Timestamp": f"{moment:.6f}"})
