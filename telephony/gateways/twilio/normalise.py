"""Webhook parameters to normalised events. The call is the caller's CallSid; a repeated webhook gives the same keys.

The node is left open: the bridge that takes the event fills it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from telephony.gateways.events import CallEvent, Kind

FAILED = {"busy": "busy", "no-answer": "no_answer", "failed": "unreachable", "canceled": "no_answer"}
OVER = frozenset({"completed", *FAILED})
OUT = "out-"  # calls that we placed are named by us
Post = Mapping[str, str]


def event(kind: Kind, call: str, at: datetime, *, mark: str = "", **fields: object) -> CallEvent:
    return CallEvent(kind, "", call, at, f"{call}:{kind}:{mark}", **fields)  # type: ignore[arg-type]


def arrived(post: Post, at: datetime) -> CallEvent:
    number, sid = post.get("From", ""), post["CallSid"]
    known = number if number.lstrip("+").isdigit() else ""
    return event(Kind.ARRIVED, sid, at, number=known, line=post.get("To", "")[:30], data={"channel": sid})


def queued(post: Post, at: datetime, queue: str) -> list[CallEvent]:
    return [arrived(post, at), event(Kind.QUEUED, post["CallSid"], at, queue=queue, data={"position": 0})]


def blocked(post: Post, at: datetime) -> list[CallEvent]:
    return [arrived(post, at), event(Kind.BLOCKED, post["CallSid"], at)]


def left(post: Post, at: datetime, asked: bool) -> list[CallEvent]:
    """The caller left the queue: `QueueResult` says how. `asked`: by a key; else it was waiting too long."""
    result, sid = post.get("QueueResult", ""), post["CallSid"]
    if result == "hangup":
        return [event(Kind.ABANDONED, sid, at), event(Kind.ENDED, sid, at)]
    if result in ("queue-full", "system-error", "error"):
        return [event(Kind.OVERFLOWED, sid, at, data={"reason": result})]
    if result == "leave" and not asked:
        return [event(Kind.OVERFLOWED, sid, at, data={"reason": "TIMEOUT"})]
    return []


def in_room(post: Post, at: datetime, call: str, seat: str, leg: str) -> list[CallEvent]:
    """Somebody joined the call's conference. The talk begins with the caller; one that we place, with the agent."""
    starts = post.get("CallSid") == (leg if call.startswith(OUT) else call)
    if post.get("StatusCallbackEvent") != "participant-join" or not starts:
        return []
    data = {"channel": leg, "conference": post.get("ConferenceSid", "")}
    return [event(Kind.CONNECTED, call, at, mark=leg, seat=seat, leg=leg, data=data)]


def leg(post: Post, at: datetime, call: str, seat: str) -> list[CallEvent]:
    """What became of the agent's phone: not answered, or hung up."""
    status, sid = post.get("CallStatus", ""), post["CallSid"]
    if status not in OVER:
        return []
    found = [
        event(Kind.MISSED, call, at, mark=sid, seat=seat, leg=sid)
        if status in FAILED
        else event(Kind.LEG_ENDED, call, at, mark=sid, seat=seat, leg=sid, data={"by": "unknown"})
    ]
    return [*found, event(Kind.ENDED, call, at)] if call.startswith(OUT) else found


def party(post: Post, at: datetime, call: str, name: str) -> list[CallEvent]:
    """A side that we dialled: 110, a peer, a unit, the citizen of a call that we place. `name` empty: blind."""
    status, sid = post.get("CallStatus", ""), post["CallSid"]
    if not name:
        return [event(Kind.TRANSFERRED, call, at, mark=sid)] if status == "in-progress" else []
    if status == "in-progress":
        return [event(Kind.PARTY_JOINED, call, at, mark=name, leg=name, data={"sid": sid})]
    if status in FAILED:
        return [event(Kind.TRANSFER_FAILED, call, at, mark=name, leg=name, data={"reason": FAILED[status]})]
    return [event(Kind.PARTY_LEFT, call, at, mark=name, leg=name)] if status == "completed" else []


def transferred(post: Post, at: datetime, queue: str) -> list[CallEvent]:
    """The blind transfer is over. Not taken: the caller is again in the queue, at its front."""
    sid, mark = post["CallSid"], post.get("DialCallSid", "")
    outcome = post.get("DialCallStatus", "")
    if outcome not in FAILED:
        return [event(Kind.TRANSFERRED, sid, at, mark=mark)]
    data = {"reason": FAILED[outcome], "mode": "blind"}
    return [
        event(Kind.TRANSFER_FAILED, sid, at, mark=mark, data=data),
        event(Kind.QUEUED, sid, at, mark=mark, queue=queue, data={"front": True}),
    ]


def rated(post: Post, at: datetime) -> list[CallEvent]:
    digit = post.get("Digits", "")
    return [event(Kind.RATED, post["CallSid"], at, data={"level": int(digit)})] if digit in set("12345") else []


def status(post: Post, at: datetime) -> list[CallEvent]:
    return [event(Kind.ENDED, post["CallSid"], at)] if post.get("CallStatus") in OVER else []


def recorded(post: Post, at: datetime, call: str) -> list[CallEvent]:
    sid = post.get("RecordingSid", "")
    if not sid or post.get("RecordingStatus", "completed") != "completed":
        return []
    return [event(Kind.RECORDING, call, at, mark=sid, data={"state": "ready", "sid": sid})]
