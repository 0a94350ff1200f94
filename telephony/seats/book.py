"""The seats of a node in memory and on disk, the same in both; a move from one state to another writes its span."""

from __future__ import annotations

from datetime import datetime, timedelta

from telephony.gateways.protocol import Gateway, GatewayError
from telephony.models import Queue, SeatMode, SeatSpan, SeatState

AFTER_SECONDS = 20


class SeatBook:
    """What every change of a seat goes through."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.phones: dict[str, bool] = {}  # every phone the network told of, logged in or not
        self.seats = {row.extension: row for row in SeatState.objects.filter(node=gateway.node)}

    def get(self, extension: str) -> SeatState | None:
        return self.seats.get(extension)

    def change(self, seat: SeatState, mode: str, at: datetime, *, reason: str = "", **fields: object) -> None:
        """Moves a seat and writes the span that ends. A repeated move to the same state only renews its fields."""
        if seat.mode != mode or seat.reason != reason:
            if seat.mode != SeatMode.OFFLINE and at > seat.since:
                SeatSpan.objects.create(
                    extension=seat.extension, staff_id=seat.staff_id, mode=seat.mode, reason=seat.reason,
                    starts_at=seat.since, ends_at=at,
                )  # fmt: skip
            seat.since = at
        seat.mode, seat.reason = mode, reason
        for name, value in {"until": None, **fields}.items():
            setattr(seat, name, value)
        self.save(seat, "mode", "reason", "since", "until", *fields)

    def save(self, seat: SeatState, *fields: str) -> None:
        seat.version += 1
        seat.save(update_fields=[*fields, "version"])

    def pause(self, seat: SeatState, paused: bool, reason: str = "") -> None:
        try:
            self.gateway.pause(seat.extension, paused, reason)
        except GatewayError as error:
            if error.code != "refused":  # not a member any more: paused enough
                raise

    def after(self, seat: SeatState, at: datetime) -> None:
        """话后整理: out of the queue, back by itself when the time is over."""
        self.pause(seat, True, "after")
        self.change(seat, SeatMode.AFTER, at, until=at + timedelta(seconds=self.after_seconds(seat)))

    def after_seconds(self, seat: SeatState) -> int:
        row = Queue.objects.filter(name__in=seat.queues).order_by("-after_seconds").first()
        return row.after_seconds if row else AFTER_SECONDS
