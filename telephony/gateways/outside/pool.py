"""Who waits and who is free: the longest-waiting caller is offered to the longest-idle seat of its queue. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime


class Pool:
    """Calls in the order in which they are served, seats with their queues, and who rings or talks for whom."""

    def __init__(self) -> None:
        self.waiting: dict[str, str] = {}  # call → queue
        self.members: dict[str, frozenset[str]] = {}
        self.paused: set[str] = set()
        self.busy: dict[str, str] = {}  # seat → call

    def join(self, seat: str, queues: list[str]) -> None:
        self.members[seat] = frozenset(queues)
        self.paused.add(seat)

    def leave(self, seat: str) -> None:
        self.members.pop(seat, None)
        self.paused.discard(seat)

    def pause(self, seat: str, paused: bool) -> None:
        (self.paused.add if paused else self.paused.discard)(seat)

    def wait(self, call: str, queue: str, *, front: bool = False) -> None:
        """`front`: somebody who had waited already and came back."""
        if call in self.waiting:
            return
        self.waiting = {call: queue, **self.waiting} if front else {**self.waiting, call: queue}

    def served(self, call: str, seat: str) -> None:
        self.waiting.pop(call, None)
        self.busy[seat] = call

    def gone(self, call: str) -> list[str]:
        """The call is over; returns the seats that rang or talked for it."""
        self.waiting.pop(call, None)
        seats = [seat for seat, taken in self.busy.items() if taken == call]
        for seat in seats:
            self.free(seat)
        return seats

    def free(self, seat: str) -> None:
        self.busy.pop(seat, None)

    def offers(self, idle_since: Callable[[str], datetime]) -> list[tuple[str, str]]:
        """(call, seat) to ring now; each seat is busy with it from here on."""
        found = []
        rung = set(self.busy.values())
        for call, queue in self.waiting.items():
            if call in rung:
                continue
            free = [s for s, q in self.members.items() if queue in q and s not in self.paused and s not in self.busy]
            if free:
                seat = min(free, key=lambda name: (idle_since(name), name))
                self.busy[seat] = call
                found.append((call, seat))
        return found
