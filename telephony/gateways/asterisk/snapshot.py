"""What is alive on an Asterisk now: `CoreShowChannels` and `QueueStatus` put together, and the translator reminded."""

from __future__ import annotations

from datetime import datetime

from telephony.ami import Link, Message
from telephony.gateways.asterisk.known import OUTWARD, Leg, number_of, seat_of
from telephony.gateways.asterisk.normalise import Normaliser
from telephony.gateways.events import LiveCall, SeatKind, Snapshot


def take(link: Link, node: str, normaliser: Normaliser, at: datetime) -> Snapshot:
    channels = link.collect("CoreShowChannels", "CoreShowChannelsComplete")
    queues = link.collect("QueueStatus", "QueueStatusComplete")
    return read(node, channels, queues, normaliser, at)


def read(node: str, channels: list[Message], queues: list[Message], normaliser: Normaliser, at: datetime) -> Snapshot:
    """Pure but for telling `normaliser` whose leg each channel is, so that what ends next is understood."""
    talking: dict[str, tuple[str, str]] = {}
    callers: list[Message] = []
    for channel in channels:
        unique, linked, seat = channel.get("Uniqueid"), channel.get("Linkedid"), seat_of(channel.get("Channel"))
        bridged = bool(channel.get("BridgeId"))
        if seat:
            normaliser.legs[unique] = Leg(linked, seat=seat, channel=channel.get("Channel"), talking=bridged)
            if bridged:
                talking[linked] = (seat, unique)
            if unique == linked and unique.startswith(OUTWARD):
                normaliser.callers.setdefault(linked, "")
        elif channel.get("Channel").startswith("Local/"):
            continue
        elif unique == linked or (linked.startswith(OUTWARD) and not normaliser.callers.get(linked)):
            normaliser.callers[linked], normaliser.ends[unique] = channel.get("Channel"), linked
            callers.append(channel)
    waiting = {m.get("Uniqueid"): m.get("Queue") for m in queues if m.name == "QueueEntry"}
    calls = tuple(
        LiveCall(
            call=m.get("Linkedid"),
            channel=m.get("Channel"),
            number=number_of(m),
            queue=waiting.get(m.get("Uniqueid"), ""),
            seat=talking.get(m.get("Linkedid"), ("", ""))[0],
            leg=talking.get(m.get("Linkedid"), ("", ""))[1],
        )
        for m in callers
    )
    return Snapshot(node, at, calls, members(queues, normaliser))


def members(queues: list[Message], normaliser: Normaliser) -> dict[str, SeatKind]:
    """Whether each seat's phone is registered, from its own queue."""
    found: dict[str, SeatKind] = {}
    for message in queues:
        seat = seat_of(message.get("Location") or message.get("StateInterface"))
        if message.name == "QueueMember" and seat and message.get("Queue") == f"seat-{seat}":
            gone = message.get("Status") in ("0", "4", "5")
            found[seat] = SeatKind.UNREACHABLE if gone else SeatKind.REACHABLE
    normaliser.seats.update(found)
    return found
