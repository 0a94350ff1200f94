"""The `Site` of a node, read from the directory and the telephony tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from directory.models import Seat
from telephony.asterisk_config.site import LineSpec, Ports, QueueSpec, SeatSpec, Site, TrunkSpec
from telephony.models import Line, Queue, Trunk
from telephony.secret import manager_secret
from ticketing.privacy.crypto import open_box


def trial_trunks(net: str) -> tuple[TrunkSpec, ...]:
    """Carrier, 110 and a peer on loopback, for tests."""
    return (
        TrunkSpec("trial-carrier", "carrier", f"{net}.0.5", matches=(f"{net}.0.2", f"{net}.0.5")),
        TrunkSpec("trial-police", "police", f"{net}.0.3", matches=(f"{net}.0.3",)),
        TrunkSpec("trial-peer", "peer", f"{net}.0.4", matches=(f"{net}.0.4",)),
    )


@dataclass(frozen=True, slots=True)
class Nat:
    """How the node is seen from outside; see the settings in docs/telephony.md."""

    external_address: str = ""
    local_nets: tuple[str, ...] = ()
    stun: str = ""
    turn: str = ""
    turn_user: str = ""
    turn_password: str = field(default="", repr=False)


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


def site(
    *, node: str, home: str, modules: str, ports: Ports, trial: int = 0, net: str = "127.0", nat: Nat | None = None
) -> Site:
    own = seats(node)
    taken = {seat.extension for seat in own}
    extra = tuple(SeatSpec(str(1001 + n)) for n in range(trial) if str(1001 + n) not in taken)
    robots = tuple(
        SeatSpec(str(9001 + n), webrtc=False, contact=f"sip:{9001 + n}@{net}.1.{1 + n}:5060")
        for n in range(min(trial, 60))
    )
    if trial:
        robots += (SeatSpec("9000", webrtc=False, service="local"),)
    outside = nat or Nat()
    named = {trunk.name for trunk in trunks()}
    return Site(
        node=node,
        home=home,
        modules=modules,
        manager_secret=manager_secret(),
        ports=ports,
        queues=queues(),
        lines=lines() + (TRIAL_LINES if trial else ()),
        seats=own + extra + robots,
        trunks=trunks() + (tuple(t for t in trial_trunks(net) if t.name not in named) if trial else ()),
        external_address=outside.external_address,
        local_nets=outside.local_nets,
        stun=outside.stun,
        turn=outside.turn,
        turn_user=outside.turn_user,
        turn_password=outside.turn_password,
        transfer_seconds=TRIAL_SECONDS if trial else 25,
    )
