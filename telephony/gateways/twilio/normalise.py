"""Webhook parameters to normalised events. The call is the CallSid; a repeated webhook gives the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from telephony.gateways.events import CallEvent, Kind

NODE = "twilio"
FAILED = {"busy": "busy", "no-answer": "no_answer", "failed": "unreachable", "canceled": "no_answer"}


def event(
    kind: Kind, post: Mapping[str, str], at: datetime, *, call: str = "", mark: str = "", **fields: object
) -> CallEvent:
    sid = call or post.get("CallSid", "")
    return CallEvent(kind, NODE, sid, at, f"{sid}:{kind}:{mark}", **fields)  # type: ignore[arg-type]


def arrived(post: Mapping[str, str], at: datetime, queue: str) -> list[CallEvent]:
    number = post.get("From", "")
    known = number if number.lstrip("+").isdigit() else ""
    return [
        event(Kind.ARRIVED, post, at, number=known, line=post.get("To", "")[:30], data={"channel": post["CallSid"]}),
        event(Kind.QUEUED, post, at, queue=queue, data={"position": 0}),
    ]


def left(post: Mapping[str, str], at: datetime) -> list[CallEvent]:
    """The caller left the queue: `QueueResult` says how. After a talk (`bridged`) the seat's leg has ended."""
    result = post.get("QueueResult", "")
    if result == "hangup":
        return [event(Kind.ABANDONED, post, at), event(Kind.ENDED, post, at)]
    if result in ("queue-full", "system-error", "error"):
        return [event(Kind.OVERFLOWED, post, at, data={"reason": result})]
    if result == "bridged":
        return [event(Kind.LEG_ENDED, post, at, data={"by": "agent"})]
    if result == "leave":
        return [event(Kind.CALLBACK_ASKED, post, at)]
    return []


def connected(post: Mapping[str, str], at: datetime, seat: str) -> list[CallEvent]:
    """Posted on the caller's leg as an agent takes it; `DequeingCallSid` (their spelling) is the agent's leg."""
    leg = post.get("DequeingCallSid") or post.get("DequeueingCallSid") or ""
    return [event(Kind.CONNECTED, post, at, mark=leg, seat=seat, leg=leg, data={"channel": leg})]


def rated(post: Mapping[str, str], at: datetime) -> list[CallEvent]:
    digit = post.get("Digits", "")
    return [event(Kind.RATED, post, at, data={"level": int(digit)})] if digit in set("12345") else []


def status(post: Mapping[str, str], at: datetime) -> list[CallEvent]:
    ended = post.get("CallStatus") in ("completed", "busy", "failed", "no-answer", "canceled")
    return [event(Kind.ENDED, post, at)] if ended else []


def transferred(post: Mapping[str, str], at: datetime) -> list[CallEvent]:
    outcome = post.get("DialCallStatus", "")
    mark = post.get("DialCallSid", "")
    if outcome in FAILED:
        data = {"reason": FAILED[outcome], "mode": "blind"}
        return [event(Kind.TRANSFER_FAILED, post, at, mark=mark, data=data)]
    return [event(Kind.TRANSFERRED, post, at, mark=mark)]


def recorded(post: Mapping[str, str], at: datetime) -> list[CallEvent]:
    data = {"state": "started", "sid": post.get("RecordingSid", "")}
    return [event(Kind.RECORDING, post, at, mark=post.get("RecordingSid", ""), data=data)]
