"""The loop: what happened on the network → journal → rows → seats; what pages ordered → the network."""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import groupby

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils import timezone

from telephony import alarms
from telephony.bridge import transfers
from telephony.bridge.ended import settle_ended
from telephony.bridge.handlers import HANDLERS
from telephony.bridge.nuisance import Nuisance
from telephony.bridge.robot import Robot
from telephony.calls.reconcile import reconcile
from telephony.calls.state import CallState
from telephony.calls.store import append, open_states
from telephony.gateways.events import CallEvent, Happening, Kind, SeatEvent, Snapshot, TransferEvent
from telephony.gateways.protocol import Gateway, GatewayError
from telephony.models import Call, OrderState, SeatState
from telephony.recordings.intake import intake
from telephony.seats import orders
from telephony.seats.keeper import SeatKeeper
from ticketing.work import jobs

log = logging.getLogger(__name__)
SILENT_SECONDS = 5  # without an answer from the network


def keep_little() -> None:
    """The bridge reads what it wrote a moment ago and lives for weeks: SQLite's pages that it keeps in memory shall not
    become more with every call of the day. Source: sqlite.org, PRAGMA cache_size (negative: KiB)."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-4096")


class Bridge:
    """One node. `step` is one turn of the loop, so that tests can take them one at a time."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.node = gateway.node
        self.calls: dict[str, CallState] = open_states(self.node)
        self.keeper = SeatKeeper(gateway)
        self.nuisance = Nuisance(gateway)
        self.robot = Robot(gateway)
        self.stopping = False
        self._ticked: datetime | None = None
        self._beaten: datetime | None = None
        self._silent_since: datetime | None = None  # since when the network does not answer
        orders.abandon_taken(self.node)

    def run(self) -> None:
        self.gateway.start()
        keep_little()
        try:
            while not self.stopping:
                try:
                    self.step(0.03)
                except DatabaseError:
                    log.exception("the database refused a turn; the state is read anew")
                    close_old_connections()
                    keep_little()
                    self.calls = open_states(self.node)
        finally:
            self.gateway.stop()

    def step(self, seconds: float) -> None:
        batch = list(self.gateway.happenings(seconds))
        for is_snapshot, group in groupby(batch, key=lambda item: isinstance(item, Snapshot)):
            items = list(group)
            if is_snapshot:
                for item in items:
                    self.reconcile(item)  # type: ignore[arg-type]
            else:
                self.apply([item for item in items if not isinstance(item, Snapshot)])
        self.obey()
        self.tick(timezone.now())

    # --- from the network --------------------------------------------------------------------------------------------
    def apply(self, batch: list[Happening]) -> None:
        events = [item for item in batch if isinstance(item, CallEvent)]
        with transaction.atomic():
            changed = append(events, self.calls) if events else []
            moving = transfers.moving() if events else set()
            for item in batch:
                self.follow(item, moving)
            for state in changed:
                if not state.open:
                    self.keeper.released(state.call, state.ended_at or timezone.now())
                    settle_ended(state)
                    alarms.ended(state.call)

    def follow(self, item: Happening, moving: set[str]) -> None:
        """Seats and the ledger after one happening; trouble with the link must not lose the journal.

        `moving`: the calls with a transfer under way; asked once for the batch, not for each event of a flood.
        """
        try:
            if isinstance(item, CallEvent):
                self.keeper.on_call(item)
                self.name_agent(item)
                transfers.on_call(item, self.calls.get(item.call), moving)
                alarms.heard(item)
                self.robot.on_call(item)
            elif isinstance(item, SeatEvent):
                self.keeper.on_seat(item)
            elif isinstance(item, TransferEvent):
                transfers.on_party(item)
        except GatewayError as error:
            log.warning("after %s: %s", type(item).__name__, error)

    def name_agent(self, event: CallEvent) -> None:
        if event.kind in (Kind.CONNECTED, Kind.FOUND) and event.seat:
            seat = self.keeper.get(event.seat)
            if seat is not None and seat.staff_id:
                Call.objects.filter(node=self.node, call=event.call).update(staff_id=seat.staff_id)

    def reconcile(self, snapshot: Snapshot) -> None:
        """After each connect: our picture follows the network's. Safe to repeat."""
        self.calls = open_states(self.node)
        self.nuisance.forget()
        events = reconcile(snapshot, self.calls.values())
        log.info("connected: %d live calls, %d corrections", len(snapshot.calls), len(events))
        self.apply(list(events))
        try:
            self.keeper.on_snapshot(snapshot)
        except GatewayError as error:
            log.warning("seats could not be brought in line: %s", error)

    # --- from the pages ----------------------------------------------------------------------------------------------
    def obey(self) -> None:
        for order in orders.waiting(self.node)[:50]:
            if not orders.take(order):
                continue
            try:
                handler = HANDLERS.get(order.action)
                if handler is None:
                    raise GatewayError("unknown_order", f"未知指令 {order.action}")
                handler(self, order, orders.content(order))
                orders.settle(order, OrderState.DONE)
            except GatewayError as error:
                orders.settle(order, OrderState.FAILED, error.code, str(error))
            except Exception as error:
                log.exception("order %s failed", order.action)
                orders.settle(order, OrderState.FAILED, "bug", type(error).__name__)

    # --- by time -----------------------------------------------------------------------------------------------------
    def tick(self, now: datetime) -> None:
        if self._ticked is not None and (now - self._ticked).total_seconds() < 1:
            return
        self._ticked = now
        self.beat(now)
        self.listen(now)
        try:
            self.keeper.tick(now)
        except GatewayError as error:
            log.warning("tick: %s", error)
        transfers.expire(now)
        intake(self.node, now)
        alarms.ring(self.gateway)
        self.robot.tick(now)
        try:
            self.nuisance.follow(timezone.localdate(now))
        except GatewayError as error:
            log.warning("nuisance list: %s", error)

    def listen(self, now: datetime) -> None:
        """A short break of the link is none of the seats' business; a long one takes them out."""
        if self.gateway.healthy:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        elif (now - self._silent_since).total_seconds() >= SILENT_SECONDS:
            self.keeper.on_silence(now)

    def beat(self, now: datetime) -> None:
        """A sign of life for `/healthz` every few seconds; `link`: the network answers."""
        if self._beaten is None or (now - self._beaten).total_seconds() >= 5:
            self._beaten = now
            jobs.beat(f"bridge.{self.node}", link=self.gateway.healthy)

    def seat(self, extension: str) -> SeatState:
        found = self.keeper.get(extension)
        if found is None:
            raise GatewayError("not_logged_in", "座席没有登录")
        return found

    def talk(self, extension: str) -> CallState:
        """The call that this seat is talking on."""
        for state in self.calls.values():
            if state.seat == extension and state.leg:
                return state
        raise GatewayError("no_call", "该座席没有通话")
