"""The ledger of transfers follows what happens; the caller is never only in our own table."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from telephony import handover
from telephony.bridge.targets import Target, resolve
from telephony.calls.state import CallState
from telephony.gateways.events import CallEvent, Kind, TransferEvent
from telephony.gateways.protocol import Gateway, GatewayError
from telephony.models import Call, Order, Transfer, TransferMode, TransferOutcome

OPEN = (TransferOutcome.ASKED, TransferOutcome.JOINED)
#: a more precise reason may follow a coarse one
CORRECTABLE = (TransferOutcome.ASKED, TransferOutcome.UNREACHABLE, TransferOutcome.NO_ANSWER)
LONGEST = timedelta(minutes=3)  # a transfer that nobody settled by then was lost with the process that asked
URGENT = "涉警事项"  # the reason of the one key to 110, pressed without typing one
ATTENDED = ("110", "peer")  # with colleagues and units the agent speaks in the three-way form


def begin(gateway: Gateway, call: CallState, order: Order, content: dict[str, object]) -> Transfer:
    """Writes the ledger row first, then moves; a refusal is in the ledger too."""
    mode, wanted = str(content.get("mode")), str(content.get("target") or "")
    kind = str(content.get("kind") or kind_of(wanted))
    reason = str(content.get("reason") or "").strip()[:200] or (URGENT if kind == "110" else "")
    if mode not in TransferMode.values:
        raise GatewayError("bad_mode", f"转接方式只接受：{'、'.join(TransferMode.values)}")
    if not content.get("consent"):
        raise GatewayError("no_consent", "请先征得群众同意再转接")
    if not reason:
        raise GatewayError("no_reason", "请填写转接原因")
    if latest(call.call) is not None:
        raise GatewayError("under_way", "已有进行中的转接，请先完成或取消")
    target = resolve(kind, wanted, call.seat)
    if mode == TransferMode.ATTENDED and target.kind not in ATTENDED:
        raise GatewayError("bad_mode", "咨询转接只用于110和其他12345；单位和座席请用三方通话或直接转接")
    if mode != TransferMode.BLIND and target.kind == "queue":
        raise GatewayError("bad_mode", "转队列只能直接转接")
    row = Transfer.objects.create(
        call=Call.objects.get(node=call.node, call=call.call), mode=mode, target=target.shown, target_kind=target.kind,
        seat=call.seat, staff_id=order.staff_id, consent=True, reason=reason, asked_at=timezone.now(),
        party=f"party-{uuid.uuid4().hex}",
    )  # fmt: skip
    handover.attach(row)
    try:
        _move(gateway, call, row, target)
    except GatewayError:
        settle(row, TransferOutcome.UNREACHABLE, timezone.now())
        raise
    return row


def kind_of(target: str) -> str:
    """What a target without a kind means: 110, `peer-TRUNK`, a seat's number, else a queue's name."""
    if target == "110":
        return "110"
    if target.startswith("peer-"):
        return "peer"
    return "seat" if target.isdigit() else "queue"


def _move(gateway: Gateway, call: CallState, row: Transfer, target: Target) -> None:
    if row.mode == TransferMode.BLIND:
        gateway.intend(call.channel, "transfer")
        gateway.blind(call.leg_channel, target.dial)
    elif row.mode == TransferMode.ATTENDED:
        gateway.attended(call.leg_channel, target.dial)
    else:
        gateway.add_party(call.channel, target.dial, row.party, call.call)


def under_way(call: str) -> QuerySet[Transfer]:
    return Transfer.objects.select_related("call").filter(call__call=call, outcome__in=OPEN).order_by("-id")


def moving() -> set[str]:
    """The calls that have a transfer under way."""
    return set(Transfer.objects.filter(outcome__in=OPEN).values_list("call__call", flat=True))


def latest(call: str) -> Transfer | None:
    """The transfer of ours that is under way."""
    return under_way(call).filter(inbound=False).first()


def settle(row: Transfer, outcome: str, at: datetime) -> None:
    row.outcome, row.settled_at = outcome, at
    row.save(update_fields=["outcome", "settled_at"])
    handover.follow(row)


def on_party(event: TransferEvent) -> None:
    row = Transfer.objects.select_related("call").filter(party=event.transfer, outcome__in=CORRECTABLE).first()
    if row is not None and not event.answered:
        settle(row, event.reason or TransferOutcome.UNREACHABLE, event.at)


def on_call(event: CallEvent, state: CallState | None, moving: set[str]) -> None:
    if event.kind == Kind.ARRIVED and event.data.get("origin"):
        received(event)
        moving.add(event.call)
    elif event.kind == Kind.PARTY_JOINED:
        row = Transfer.objects.select_related("call").filter(party=event.leg, outcome=TransferOutcome.ASKED).first()
        if row is not None:
            settle(row, TransferOutcome.JOINED, event.at)
    elif event.kind in RELEVANT and event.call in moving:
        for row in under_way(event.call)[:2]:
            outcome = inward(event) if row.inbound else outward(event, row)
            if outcome:
                settle(row, outcome, event.at)


def received(event: CallEvent) -> None:
    """转来: 110 or another hotline gives us a caller; that is a line of the ledger too."""
    call = Call.objects.get(node=event.node, call=event.call)
    Transfer.objects.get_or_create(
        call=call, inbound=True,
        defaults={
            "mode": TransferMode.BLIND, "target": event.line[:40] or "12345", "asked_at": event.at, "consent": True,
            "target_kind": str(event.data["origin"]),
        },
    )  # fmt: skip


def inward(event: CallEvent) -> str:
    if event.kind == Kind.CONNECTED:
        return TransferOutcome.ACCEPTED
    return TransferOutcome.CALLER_GONE if event.kind == Kind.ENDED else ""


def outward(event: CallEvent, row: Transfer) -> str:
    """What an event says of an open transfer of ours; empty: nothing yet."""
    if event.kind == Kind.TRANSFER_FAILED:
        return str(event.data.get("reason") or TransferOutcome.UNREACHABLE)
    if event.kind in (Kind.TRANSFERRED, Kind.CONSULTED):
        return TransferOutcome.JOINED if event.kind == Kind.CONSULTED else TransferOutcome.ACCEPTED
    if event.kind in (Kind.CONNECTED, Kind.MISSED) and row.mode == TransferMode.BLIND:
        meant = row.target_kind == "queue" or event.seat == row.target
        if event.kind == Kind.CONNECTED:
            return TransferOutcome.ACCEPTED if meant else TransferOutcome.NO_ANSWER
        return TransferOutcome.NO_ANSWER if event.seat == row.target else ""
    if event.kind == Kind.LEG_ENDED and row.outcome == TransferOutcome.JOINED:
        return TransferOutcome.ACCEPTED
    if event.kind == Kind.ENDED:
        return TransferOutcome.CALLER_GONE if row.outcome == TransferOutcome.ASKED else TransferOutcome.ACCEPTED
    return ""


RELEVANT = frozenset(
    {Kind.TRANSFER_FAILED, Kind.TRANSFERRED, Kind.CONSULTED, Kind.CONNECTED, Kind.MISSED, Kind.LEG_ENDED, Kind.ENDED}
)


def expire(now: datetime) -> None:
    """A ledger row never stays open for ever; a caller from 110 may wait longer in the queue."""
    Transfer.objects.filter(outcome=TransferOutcome.ASKED, inbound=False, asked_at__lt=now - LONGEST).update(
        outcome=TransferOutcome.UNREACHABLE, settled_at=now
    )
