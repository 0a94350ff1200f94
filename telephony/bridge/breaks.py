"""小休规则: how many seats may rest at once, and how long a rest may last before the board marks it."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from telephony.gateways.protocol import GatewayError
from telephony.models import SeatMode, SeatState


def share() -> int:
    """HOTLINE_BREAK_SHARE: percent of the seats on duty that may rest at the same time; one always may."""
    return int(settings.ENV.number("BREAK_SHARE", 30, low=1, high=100))


def minutes() -> int:
    """HOTLINE_BREAK_MINUTES: a longer rest is marked on the board."""
    return int(settings.ENV.number("BREAK_MINUTES", 30, low=1, high=600))


def allow(seats: Iterable[SeatState], own: SeatState) -> None:
    """Raises `GatewayError` when too many rest already. A rest that somebody else imposed does not count."""
    duty = [seat for seat in seats if seat.mode != SeatMode.OFFLINE]
    resting = [seat for seat in duty if seat.mode == SeatMode.BREAK and seat.rests and seat.extension != own.extension]
    most = max(1, len(duty) * share() // 100)
    if len(resting) >= most:
        raise GatewayError("break_full", f"已有{len(resting)}个座席小休，同时最多{most}个，请稍后")
