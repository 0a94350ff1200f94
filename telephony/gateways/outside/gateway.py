"""What all gateways with outside phones share: reading the inbox, choosing seats, ringing without blocking the bridge.

A subclass says how a phone is rung and a leg ended; what is slow runs in `work` without a database.
"""

from __future__ import annotations

import logging
import queue
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from directory.models import Seat
from telephony.calls.state import Status
from telephony.gateways.events import CallEvent, Happening, Kind, LiveCall, SeatEvent, SeatKind, Snapshot
from telephony.gateways.outside import inbox
from telephony.gateways.outside.pool import Pool
from telephony.gateways.protocol import GatewayError, Unsupported
from telephony.models import Call, SeatMode, SeatState

log = logging.getLogger(__name__)
BEGINS = frozenset({Kind.ARRIVED, Kind.OUTBOUND})
LEFT_QUEUE = frozenset({Kind.ABANDONED, Kind.OVERFLOWED, Kind.ENDED, Kind.CALLBACK_ASKED, Kind.EMERGENCY, Kind.BLOCKED})
AGAIN_SECONDS = 5.0  # after the network refused to ring a phone
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class OutsideGateway(ABC):
    """Calls and seats as the inbox tells them; nothing here waits for the network."""

    places_alarms = True
    label = ""

    def __init__(self, node: str) -> None:
        self.node = node
        self.pool = Pool()
        self.legs: dict[str, str] = {}  # a seat's leg → its call
        self.intents: dict[str, str] = {}  # call → hangup | transfer
        self.work = ThreadPoolExecutor(4, thread_name_prefix="phone")
        self._done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._out: list[Happening | Snapshot] = []
        self._quiet_until = 0.0
        self.healthy = False

    # --- life --------------------------------------------------------------------------------------------------------
    def start(self) -> None:
        self.healthy = True
        self.restore()

    def stop(self) -> None:
        self.healthy = False
        self.work.shutdown(wait=False, cancel_futures=True)

    def restore(self) -> None:
        """After a start: our open calls as the network sees them, those that wait in their old order."""
        rows = list(Call.objects.filter(node=self.node).exclude(status=Status.ENDED).order_by("queued_at", "id"))
        alive = [row for row in rows if self.alive(row)]
        for row in alive:
            if row.status in (Status.QUEUED, Status.RINGING):
                self.pool.wait(row.call, row.queue)
            if row.leg:
                self.legs[row.leg] = row.call
                self.pool.served(row.call, row.seat)
        phones = Seat.objects.filter(active=True, node=self.node).exclude(phone="").values_list("number", flat=True)
        seats = dict.fromkeys(phones, SeatKind.REACHABLE)
        self._out.append(Snapshot(self.node, datetime.now(UTC), tuple(live(row) for row in alive), seats))

    def alive(self, call: Call) -> bool:
        """Whether the network still has this call; True when that cannot be known."""
        return True

    def happenings(self, seconds: float) -> Iterator[Happening | Snapshot]:
        self.offer()  # before anything new: a seat that is free again may be paused by what the bridge makes of it
        while not self._done.empty():
            self._done.get()()
        out, self._out = self._out, []
        fresh = self._read()
        for event in fresh:
            self.follow(event)
        if not out and not fresh:
            time.sleep(seconds)
        yield from (*out, *fresh)

    def _read(self) -> list[CallEvent]:
        """What came in, about calls that we know. Late news of a call that never began with us is dropped."""
        events = inbox.take(self.node)
        if not events:
            return []
        ours = Call.objects.filter(node=self.node, call__in={event.call for event in events})
        known = set(ours.values_list("call", flat=True))
        found, stray = [], []
        for event in events:
            if event.kind in BEGINS:
                known.add(event.call)
            if event.call not in known:
                stray.append(event.key)
                continue
            changed = self.before(event)
            if changed is not None:
                found.append(changed)
        inbox.drop(stray)
        return found

    def before(self, event: CallEvent) -> CallEvent | None:
        """A subclass may complete an event, or hold it back (None) until what it needs is there."""
        return event

    # --- who is rung -------------------------------------------------------------------------------------------------
    def follow(self, event: CallEvent) -> None:
        if event.kind == Kind.QUEUED:
            self.pool.wait(event.call, event.queue, front=bool(event.data.get("front")))
        elif event.kind == Kind.CONNECTED:
            self.pool.served(event.call, event.seat)
            self.legs[event.leg] = event.call
        elif event.kind in (Kind.MISSED, Kind.LEG_ENDED):
            self.pool.free(event.seat)
            self.legs.pop(event.leg, None)
        if event.kind in LEFT_QUEUE:
            self._left(event)

    def _left(self, event: CallEvent) -> None:
        """The caller is gone: phones that still ring for this call are silenced."""
        self.pool.gone(event.call)
        for leg in [leg for leg, call in self.legs.items() if call == event.call]:
            self.legs.pop(leg)
            self.later(self.ending(leg))

    def offer(self) -> None:
        if not self.pool.waiting or time.monotonic() < self._quiet_until:
            return
        since = dict(SeatState.objects.filter(node=self.node, mode=SeatMode.READY).values_list("extension", "since"))
        for call, seat in self.pool.offers(lambda name: since.get(name, LONG_AGO)):
            try:
                run = self.ringing(call, seat)
            except GatewayError as error:
                log.error("seat %s cannot be rung: %s", seat, error)
                self._refused(seat)
                continue
            self.later(run, partial(self._rings, call, seat, self.pool.waiting[call]), partial(self._refused, seat))

    def _rings(self, call: str, seat: str, queue_name: str, leg: str) -> None:
        if self.pool.busy.get(seat) != call:  # the caller left meanwhile
            self.later(self.ending(leg))
            return
        self.legs[leg] = call
        self.tell(Kind.RINGING, call, leg, seat=seat, leg=leg, queue=queue_name)

    def _refused(self, seat: str) -> None:
        self.pool.free(seat)
        self._quiet_until = time.monotonic() + AGAIN_SECONDS

    def later(
        self, run: Callable[[], str], then: Callable[[str], None] = lambda _: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Runs something slow that needs no database; `then(answer)` or `failed()` follow in the bridge's own turn."""

        def job() -> None:
            try:
                answer = run()
            except GatewayError as error:
                log.warning("the phone network refused: %s", error.code)
                self._done.put(failed)
            else:
                self._done.put(lambda: then(answer))

        self.work.submit(job)

    def tell(self, kind: Kind, call: str, mark: str, **fields: object) -> None:
        key = f"{call}:{kind}:{mark}"
        self._out.append(CallEvent(kind, self.node, call, datetime.now(UTC), key, **fields))  # type: ignore[arg-type]

    @abstractmethod
    def ringing(self, call: str, seat: str) -> Callable[[], str]:
        """Everything ready to ring the seat; running it rings and gives the leg's name."""

    @abstractmethod
    def ending(self, leg: str) -> Callable[[], str]:
        """Everything ready to end a leg."""

    # --- what can be asked of every network ---------------------------------------------------------------------------
    def log_in(self, seat: str, password: str, queues: list[str]) -> None:
        phone_of(seat)
        self.join(seat, queues)
        self._out.append(SeatEvent(SeatKind.REACHABLE, self.node, seat, datetime.now(UTC)))

    def join(self, seat: str, queues: list[str]) -> None:
        self.pool.join(seat, queues)

    def log_out(self, seat: str) -> None:
        self.pool.leave(seat)

    def pause(self, seat: str, paused: bool, reason: str = "") -> None:
        self.pool.pause(seat, paused)

    def intend(self, channel: str, intent: str) -> None:
        """No phone in the page: the hang-up button ends the agent's own leg."""
        self.intents[channel] = intent
        if intent == "hangup":
            for leg in [leg for leg, call in self.legs.items() if call == channel]:
                self.hang_up(leg)

    def hang_up(self, leg: str) -> None:
        self.ending(leg)()

    def call_of(self, leg: str) -> str:
        found = self.legs.get(leg)
        if found is None:
            raise GatewayError("no_call", "该座席没有通话")
        return found

    def originate(self, seat: str, number: str, call: str) -> None:
        raise Unsupported("呼出")

    def survey(self, number: str, call: str, key: str) -> None:
        raise Unsupported("自动回访")

    def alarm(self, number: str, call: str, key: str) -> None:
        raise Unsupported("电话催签")

    def blind(self, leg: str, target: str) -> None:
        raise Unsupported("转接")

    def attended(self, leg: str, target: str) -> None:
        raise Unsupported("咨询转接")

    def cancel_attended(self, leg: str) -> None:
        raise Unsupported("咨询转接")

    def add_party(self, channel: str, target: str, party: str, call: str) -> None:
        raise Unsupported("三方通话")

    def record(self, channel: str, on: bool) -> None:
        raise Unsupported("暂停录音")

    def block(self, number: str, on: bool) -> None:  # noqa: B027 - a network that does it itself needs nothing
        """Nuisance callers are turned away where the call comes in."""

    def spy(self, supervisor: str, leg: str, mode: str, call: str) -> None:
        raise Unsupported("监听")


def phone_of(seat: str) -> str:
    """Where the seat answers: a number or a SIP address."""
    phone = Seat.objects.filter(number=seat).values_list("phone", flat=True).first()
    if not phone:
        raise GatewayError("no_phone", f"座席 {seat} 没有登记外线话机（目录 → 座席 → 外线话机）")
    return phone


def live(row: Call) -> LiveCall:
    """Our own picture as a live call: what the network cannot tell in detail is not corrected."""
    waiting = row.status in (Status.QUEUED, Status.RINGING)
    talking = row.status == Status.TALKING
    return LiveCall(
        row.call, row.channel, queue=row.queue if waiting else "", seat=row.seat if talking else "",
        leg=row.leg if talking else "",
    )  # fmt: skip
