"""Hand-made events: `at(3)` is three seconds after the start of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from telephony.gateways.events import CallEvent, Kind

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_serial = count()


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def happening(kind: Kind, seconds: float, call: str = "c1", **fields: Any) -> CallEvent:
    return CallEvent(kind, "n1", call, at(seconds), f"{call}:{kind}:{next(_serial)}", **fields)


def answered(call: str = "c1", *, wait: float = 5, talk: float = 60, seat: str = "8001") -> list[CallEvent]:
    """Arrives at 0, queued at 1, answered after `wait`, talks `talk`, ends."""
    up = 1 + wait
    return [
        happening(Kind.ARRIVED, 0, call, number="13800000001", line="12345", data={"channel": f"T/{call}"}),
        happening(Kind.QUEUED, 1, call, queue="normal"),
        happening(Kind.RINGING, 1.5, call, seat=seat, leg=f"leg-{call}"),
        happening(Kind.CONNECTED, up, call, seat=seat, leg=f"leg-{call}"),
        happening(Kind.LEG_ENDED, up + talk, call, seat=seat, leg=f"leg-{call}", data={"by": "agent"}),
        happening(Kind.ENDED, up + talk + 4, call, data={"cause": 16}),
    ]


def abandoned(call: str, *, wait: float = 30) -> list[CallEvent]:
    return [
        happening(Kind.ARRIVED, 0, call, number="13800000002"),
        happening(Kind.QUEUED, 1, call, queue="normal"),
        happening(Kind.ABANDONED, 1 + wait, call, queue="normal"),
        happening(Kind.ENDED, 1 + wait, call, data={"cause": 0}),
    ]
