"""Where a call may be passed on to: 110, a colleague, a supervisor, a queue, another 12345, a unit of the directory.

Free numbers are not among them: what is dialled comes from our own tables.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.access import standing
from directory.models import Department, Role
from telephony.dialled import dialled
from telephony.gateways.protocol import GatewayError
from telephony.models import Queue, SeatMode, SeatState, Trunk

KINDS = ("110", "seat", "leader", "queue", "peer", "unit")
#: modes in which a phone can ring now
FREE = (SeatMode.READY, SeatMode.BREAK, SeatMode.AFTER)


@dataclass(frozen=True, slots=True)
class Target:
    """`dial` is in the gateway's own form; `shown` is what the ledger says."""

    kind: str
    shown: str
    dial: str
    seat: str = ""


def resolve(kind: str, wanted: str, own_seat: str) -> Target:
    """Raises `GatewayError` naming what is wrong; a colleague who cannot take a call is `busy`."""
    finder = FINDERS.get(kind)
    if finder is None:
        raise GatewayError("bad_kind", f"转接去向只接受：{'、'.join(KINDS)}")
    return finder(wanted.strip(), own_seat)


def _police(wanted: str, own: str) -> Target:
    return Target("110", "110", "110")


def _seat(wanted: str, own: str) -> Target:
    if wanted == own:
        raise GatewayError("own_seat", "不能转给自己的座席")
    seat = SeatState.objects.filter(extension=wanted).exclude(mode=SeatMode.OFFLINE).first()
    if seat is None:
        raise GatewayError("no_seat", f"座席 {wanted or '（未填）'} 没有登录")
    if seat.mode not in FREE or not seat.reachable or seat.call.startswith("spy-"):
        raise GatewayError("busy", f"座席 {wanted} 现在不能接听（{SeatMode(seat.mode).label}），群众仍在线")
    return Target("seat", wanted, wanted, wanted)


def _leader(wanted: str, own: str) -> Target:
    """A supervisor at a seat of their own; who is ready goes before who is on a break."""
    rows = SeatState.objects.filter(mode__in=FREE, reachable=True).exclude(extension=own).select_related("staff")
    free = [row for row in rows if row.staff and standing(row.staff).has(Role.SUPERVISOR)]
    free.sort(key=lambda row: (row.mode != SeatMode.READY, row.since))
    for row in free:
        if not row.call.startswith("spy-"):
            return Target("leader", row.extension, row.extension, row.extension)
    raise GatewayError("busy", "没有可以接听的班长座席，群众仍在线")


def _queue(wanted: str, own: str) -> Target:
    if not Queue.objects.filter(name=wanted, active=True).exists():
        raise GatewayError("no_queue", f"没有启用的队列 {wanted or '（未填）'}")
    return Target("queue", wanted, f"queue:{wanted}")


def _peer(wanted: str, own: str) -> Target:
    wanted = wanted.removeprefix("peer-")
    if not Trunk.objects.filter(name=wanted, kind="peer", active=True).exclude(host="").exists():
        raise GatewayError("no_peer", f"没有连接其他12345平台的中继 {wanted or '（未填）'}")
    return Target("peer", f"peer-{wanted}", f"peer-{wanted}")


def _unit(wanted: str, own: str) -> Target:
    unit = Department.objects.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
    if unit is None:
        raise GatewayError("no_unit", "没有这个单位")
    number = dialled(unit.phone)
    if not number:
        raise GatewayError("no_phone", f"{unit.name} 没有登记可以拨打的电话")
    return Target("unit", unit.name[:40], f"tel:{number}")


FINDERS = {"110": _police, "seat": _seat, "leader": _leader, "queue": _queue, "peer": _peer, "unit": _unit}
