"""The one writer of seat states. Pages ask through orders; what the network tells comes as events.

An agent never looks ready and is not: a phone that is gone, a page that is silent, a missed ring all take the seat out
of the queue first and are shown afterwards.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from telephony.gateways.events import CallEvent, Kind, SeatEvent, SeatKind, Snapshot
from telephony.models import SeatMode, SeatState
from telephony.seats.own_calls import IDLE, OwnCalls

SILENT_SECONDS = 45  # a page shows itself every ten seconds


class SeatKeeper(OwnCalls):
    """Moves the seats by what the network tells, what pages order and what time brings."""

    # --- what the network tells --------------------------------------------------------------------------------------
    def on_call(self, event: CallEvent) -> None:
        seat = self.get(event.seat) if event.seat else None
        if seat is None or seat.mode == SeatMode.OFFLINE:
            return
        if event.kind == Kind.RINGING:
            self.change(seat, SeatMode.RINGING, event.at, call=event.call)
        elif event.kind in (Kind.CONNECTED, Kind.FOUND):
            self.change(seat, SeatMode.TALKING, event.at, call=event.call)
        elif event.kind == Kind.MISSED:
            self.pause(seat, True, "missed")
            self.change(seat, SeatMode.BREAK, event.at, reason="漏接", call="")
        elif event.kind == Kind.LEG_LOST:
            self.change(seat, SeatMode.LOST, event.at, reason="通话中断线")
        elif event.kind == Kind.LEG_ENDED and seat.mode == SeatMode.TALKING:
            self.after(seat, event.at)
        elif event.kind == Kind.PARTY_JOINED:
            self.change(seat, SeatMode.TALKING, event.at, reason="三方通话", call=event.call)
        elif event.kind == Kind.PARTY_LEFT and seat.mode == SeatMode.TALKING:
            self.after(seat, event.at)

    def released(self, call: str, at: datetime) -> None:
        """A call ended: a seat that still rings for it is free again, one that still talks goes to after-call work."""
        for seat in [s for s in self.seats.values() if s.call == call]:
            if seat.mode == SeatMode.RINGING and call.startswith("out-"):
                self.after(seat, at)
            elif seat.mode == SeatMode.RINGING:
                self.change(seat, SeatMode.READY, at, call="")
            elif seat.mode == SeatMode.TALKING:
                self.after(seat, at)
            elif seat.mode == SeatMode.LOST:
                self.change(seat, SeatMode.BREAK, at, reason="断线恢复", call="")

    def on_seat(self, event: SeatEvent) -> None:
        seat = self.get(event.seat)
        if event.kind in (SeatKind.ENGAGED, SeatKind.FREE, SeatKind.REFUSED):
            self.on_own_call(seat, event)
            return
        self.phones[event.seat] = event.kind == SeatKind.REACHABLE
        if seat is None or seat.mode == SeatMode.OFFLINE:
            return
        if event.kind == SeatKind.UNREACHABLE:
            seat.reachable = False
            if seat.mode in IDLE or seat.mode == SeatMode.RINGING:
                was = seat.mode
                self.pause(seat, True, "phone lost")
                self.change(seat, SeatMode.LOST, event.at, reason=f"原状态 {SeatMode(was).label}", reachable=False)
            else:
                self.save(seat, "reachable")
        elif event.kind == SeatKind.REACHABLE and not seat.reachable:
            self.reachable(seat, event.at)

    def reachable(self, seat: SeatState, at: datetime) -> None:
        if seat.mode == SeatMode.LOST and seat.reason.startswith("原状态"):  # not in the middle of a talk
            if seat.reason == f"原状态 {SeatMode.READY.label}":
                self.pause(seat, False)
                self.change(seat, SeatMode.READY, at, reachable=True)
            else:
                self.change(seat, SeatMode.BREAK, at, reason="断线恢复", reachable=True)
            return
        seat.reachable = True
        self.save(seat, "reachable")

    # --- after a connect ---------------------------------------------------------------------------------------------
    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Every seat as it truly is: talking where the network says so, reachable where its phone is."""
        self.phones = {name: kind == SeatKind.REACHABLE for name, kind in snapshot.seats.items()}
        talking = {call.seat: call for call in snapshot.calls if call.seat}
        for seat in self.seats.values():
            if seat.mode == SeatMode.OFFLINE:
                continue
            self.gateway.join(seat.extension, list(seat.queues))
            call = talking.get(seat.extension)
            seat.reachable = snapshot.seats.get(seat.extension) == SeatKind.REACHABLE
            self.save(seat, "reachable")
            if call is not None:
                if seat.mode != SeatMode.TALKING or seat.call != call.call:
                    self.change(seat, SeatMode.TALKING, snapshot.at, call=call.call)
            elif seat.mode in (SeatMode.TALKING, SeatMode.RINGING):
                self.after(seat, snapshot.at)
            elif not seat.reachable and seat.mode in IDLE:
                was = SeatMode(seat.mode).label
                self.change(seat, SeatMode.LOST, snapshot.at, reason=f"原状态 {was}")
            elif seat.reachable and seat.mode == SeatMode.LOST:
                self.reachable(seat, snapshot.at)
            self.pause(seat, seat.mode != SeatMode.READY, seat.mode)

    def on_silence(self, at: datetime) -> None:
        """The network has said nothing for a while: nobody can be rung, so nobody looks ready.

        A talk that was under way may well go on, and is left as it is until the network tells.
        """
        self.phones = {}
        for seat in self.seats.values():
            if seat.mode in IDLE or seat.mode == SeatMode.RINGING:
                was = SeatMode(seat.mode).label
                self.change(seat, SeatMode.LOST, at, reason=f"原状态 {was}", reachable=False)
            elif seat.reachable and seat.mode != SeatMode.OFFLINE:
                seat.reachable = False
                self.save(seat, "reachable")

    # --- what passes by time -----------------------------------------------------------------------------------------
    def tick(self, now: datetime) -> None:
        """After-call work that is over, pages that fell silent. Called about once a second."""
        seen = dict(SeatState.objects.filter(node=self.gateway.node).values_list("extension", "seen_at"))
        for seat in self.seats.values():
            seat.seen_at = seen.get(seat.extension, seat.seen_at)
            if seat.mode == SeatMode.AFTER and seat.until and seat.until <= now:
                self.ready(seat, now)
            silent = seat.seen_at is None or now - seat.seen_at > timedelta(seconds=SILENT_SECONDS)
            if silent and seat.mode in IDLE | {SeatMode.LOST}:
                self.log_out(seat, now, reason="页面失联")

    def ready(self, seat: SeatState, now: datetime) -> None:
        if not seat.reachable:
            self.change(seat, SeatMode.LOST, now, reason=f"原状态 {SeatMode.READY.label}", call="")
            return
        self.pause(seat, False)
        self.change(seat, SeatMode.READY, now, call="")

    # --- log-in and log-out ------------------------------------------------------------------------------------------
    def log_in(
        self, extension: str, staff: int | None, token: str, password: str, queues: list[str], now: datetime
    ) -> SeatState:
        """The last log-in wins: password and token change, so the earlier page can neither ring nor order."""
        self.gateway.log_in(extension, password, queues)
        seat = self.get(extension)
        fields = {"staff_id": staff, "token": token, "queues": queues, "seen_at": now}
        fields["reachable"] = self.phones.get(extension, False)
        if seat is None:
            seat = SeatState(extension=extension, node=self.gateway.node, since=now, reachable=False)
            seat.save(force_insert=True)
            self.seats[extension] = seat
        for name, value in fields.items():
            setattr(seat, name, value)
        self.save(seat, "staff", "token", "queues", "seen_at", "reachable")
        if seat.mode == SeatMode.OFFLINE:
            self.change(seat, SeatMode.BREAK, now, reason="刚登录", call="")
        return seat

    def log_out(self, seat: SeatState, now: datetime, *, reason: str = "") -> None:
        self.gateway.log_out(seat.extension)
        self.change(seat, SeatMode.OFFLINE, now, reason=reason, call="", token="", reachable=False)
