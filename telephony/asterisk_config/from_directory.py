"""The `Site` of a node, read from the directory and the telephony tables."""

from __future__ import annotations

from directory.models import Seat
from telephony.asterisk_config.site import LineSpec, Ports, QueueSpec, SeatSpec, Site, TrunkSpec
from telephony.models import Line, Queue, Trunk
from telephony.secret import manager_secret
from ticketing.privacy.crypto import open_box

TRIAL_TRUNKS = (
    TrunkSpec("trial-carrier", "carrier", "127.0.0.5", matches=("127.0.0.2", "127.0.0.5")),
    TrunkSpec("trial-police", "police", "127.0.0.3", matches=("127.0.0.3",)),
    TrunkSpec("trial-peer", "peer", "127.0.0.4", matches=("127.0.0.4",)),
)

TRIAL_SECONDS = 6
TRIAL_LINES = (LineSpec("12399", "normal", bare=True),)


def queues() -> tuple[QueueSpec, ...]:
    rows = tuple(
        QueueSpec(q.name, q.label, q.ring_seconds, 2, q.max_wait_seconds, 0, q.announce_position)
        for q in Queue.objects.filter(active=True)
    )
    return rows or (QueueSpec("normal", "普通"),)


def lines() -> tuple[LineSpec, ...]:
    rows = tuple(LineSpec(row.number, row.queue_id, row.menu, hours=row.hours) for row in Line.objects.all())
    return rows or (LineSpec("12345", queues()[0].name),)


def trunks() -> tuple[TrunkSpec, ...]:
    return tuple(
        TrunkSpec(
            t.name, t.kind, t.host, t.port, tuple(t.matches), t.username, open_box(t.secret_box), t.register, t.number
        )
        for t in Trunk.objects.filter(active=True)
    )


def seats(node: str) -> tuple[SeatSpec, ...]:
    return tuple(SeatSpec(seat.number) for seat in Seat.objects.filter(active=True, node=node))


def site(*, node: str, home: str, modules: str, ports: Ports, trial: int = 0) -> Site:
    own = seats(node)
    taken = {seat.extension for seat in own}
    extra = tuple(SeatSpec(str(1001 + n)) for n in range(trial) if str(1001 + n) not in taken)
    robots = tuple(
        SeatSpec(str(9001 + n), webrtc=False, contact=f"sip:{9001 + n}@127.0.1.{1 + n}:5060")
        for n in range(min(trial, 60))
    )
    if trial:
        robots += (SeatSpec("9000", webrtc=False, service="local"),)
    return Site(
        node=node,
        home=home,
        modules=modules,
        manager_secret=manager_secret(),
        ports=ports,
        queues=queues(),
        lines=lines() + (TRIAL_LINES if trial else ()),
        seats=own + extra + robots,
        trunks=trunks() + (TRIAL_TRUNKS if trial else ()),
        transfer_seconds=TRIAL_SECONDS if trial else 25,
    )
