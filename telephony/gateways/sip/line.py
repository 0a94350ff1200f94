"""One line without a PBX: a caller is greeted, waits, is joined with the phone of the seat that the bridge names.

Knows the phone only by pyVoIP's few methods; two legs, their sound carried over packet by packet. A second caller
meanwhile hears busy, counted as blocked. What pyVoIP cannot do (music, moving on, a CANCEL) is not attempted.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telephony.gateways.events import CallEvent, Kind
from telephony.gateways.sip.talk import PACKET, Late, quiet, state

log = logging.getLogger(__name__)
PACKET_SECONDS = 0.02
RING_SECONDS = 25.0
WAIT_SECONDS = 300.0
KEY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Ring:
    """The bridge's wish: ring `to` for this call."""

    call: str
    seat: str
    leg: str
    to: str


@dataclass(frozen=True, slots=True)
class Sounds:
    """8-bit prompts as pyVoIP sends them."""

    welcome: bytes
    rate: bytes
    thanks: bytes


class Line:
    """`dial` places a call over the account; `tell` puts events into the inbox; `wanted` gives the bridge's orders."""

    def __init__(
        self, dial: Callable[[str], Any], tell: Callable[[list[CallEvent]], None], sounds: Sounds, *,
        queue: str = "normal", refused: Callable[[str], bool] = lambda number: False,
        clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.dial, self.tell, self.sounds, self.queue = dial, tell, sounds, queue
        self.refused, self.clock, self.sleep = refused, clock, sleep
        self.taken = threading.Lock()
        self.rings: list[Ring] = []
        self.hang_ups: set[str] = set()
        self.late = Late()

    # --- what the bridge asks ----------------------------------------------------------------------------------------
    def order(self, action: str, content: dict[str, Any], seat: str) -> None:
        if action == "ring":
            self.rings.append(Ring(str(content["call"]), seat, str(content["leg"]), str(content["to"])))
        elif action == "hang_up":
            self.hang_ups.add(str(content["leg"]))

    # --- one caller --------------------------------------------------------------------------------------------------
    def incoming(self, caller: Any) -> None:
        """pyVoIP's call-back, in a thread of the call."""
        call, number = f"sip-{uuid.uuid4().hex}", number_of(caller)
        begin = self.event(Kind.ARRIVED, call, number=number, data={"channel": call})
        if self.refused(number) or not self.taken.acquire(blocking=False):
            quiet(caller.deny)
            self.tell([begin, self.event(Kind.BLOCKED, call), self.event(Kind.ENDED, call)])
            return
        try:
            self.tell([begin, self.event(Kind.QUEUED, call, queue=self.queue)])
            caller.answer()
            caller.write_audio(self.sounds.welcome)
            self.serve(caller, call)
        except Exception:
            log.exception("the line's call ended by a fault")
        finally:
            if state(caller) == "ANSWERED":
                quiet(caller.hangup)
            self.tell([self.event(Kind.ENDED, call)])
            self.taken.release()

    def serve(self, caller: Any, call: str) -> None:
        until = self.clock() + WAIT_SECONDS
        while state(caller) == "ANSWERED" and self.clock() < until:
            ring = next((r for r in self.rings if r.call == call), None)
            if ring is None:
                caller.read_audio(PACKET, blocking=False)
                self.sleep(PACKET_SECONDS)
                continue
            self.rings.remove(ring)
            if self.join(caller, ring):
                return
        kind = Kind.OVERFLOWED if state(caller) == "ANSWERED" else Kind.ABANDONED
        self.tell([self.event(kind, call, queue=self.queue)])

    def join(self, caller: Any, ring: Ring) -> bool:
        """Rings the seat's phone; True when the two have talked."""
        leg = self.dial(ring.to)
        until = self.clock() + RING_SECONDS
        while state(leg) not in ("ANSWERED", "ENDED") and self.clock() < until and state(caller) == "ANSWERED":
            if ring.leg in self.hang_ups:
                break
            caller.read_audio(PACKET, blocking=False)
            self.sleep(PACKET_SECONDS)
        if state(leg) != "ANSWERED":
            self.late.add(leg)
            if state(caller) == "ANSWERED":
                self.tell([self.event(Kind.MISSED, ring.call, mark=ring.leg, seat=ring.seat, leg=ring.leg)])
            return False
        about = {"seat": ring.seat, "leg": ring.leg}
        data = {"channel": ring.leg}
        self.tell([self.event(Kind.CONNECTED, ring.call, mark=ring.leg, queue=self.queue, data=data, **about)])
        self.relay(caller, leg, ring.leg)
        by = "agent" if state(caller) == "ANSWERED" else "caller"
        quiet(leg.hangup)
        self.tell([self.event(Kind.LEG_ENDED, ring.call, mark=ring.leg, data={"by": by}, **about)])
        if by == "agent":
            self.rate(caller, ring.call)
        return True

    def relay(self, one: Any, other: Any, name: str) -> None:
        """Carries sound both ways, by the clock: a loop that sleeps 20 ms falls behind and the sound with it."""
        start, carried = self.clock(), 0
        while state(one) == state(other) == "ANSWERED" and name not in self.hang_ups:
            due = int((self.clock() - start) / PACKET_SECONDS)
            for _ in range(min(due - carried, 5)):
                other.write_audio(one.read_audio(PACKET, blocking=False))
                one.write_audio(other.read_audio(PACKET, blocking=False))
            carried = due
            self.sleep(PACKET_SECONDS / 2)
        self.hang_ups.discard(name)

    def rate(self, caller: Any, call: str) -> None:
        """Asks for 1 to 5 after the talk; silence is no rating."""
        caller.write_audio(self.sounds.rate)
        until = self.clock() + len(self.sounds.rate) / 8000 + KEY_SECONDS
        while state(caller) == "ANSWERED" and self.clock() < until:
            key = str(caller.get_dtmf(1) or "")
            if key in set("12345"):
                self.tell([self.event(Kind.RATED, call, data={"level": int(key)})])
                caller.write_audio(self.sounds.thanks)
                self.sleep(len(self.sounds.thanks) / 8000)
                return
            caller.read_audio(PACKET, blocking=False)
            self.sleep(PACKET_SECONDS)

    def event(self, kind: Kind, call: str, *, mark: str = "", **fields: Any) -> CallEvent:
        return CallEvent(kind, "", call, datetime.now(UTC), f"{call}:{kind}:{mark}", **fields)


def number_of(caller: Any) -> str:
    """The calling number, empty when it is hidden or no number."""
    found = str(caller.request.headers.get("From", {}).get("number", ""))
    return found if found.lstrip("+").isdigit() else ""
