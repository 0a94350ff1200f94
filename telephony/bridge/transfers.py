"""The ledger of transfers follows what happens; the caller is never only in our own table."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from telephony import handover
from telephony.calls.state import CallState
from telephony.gateways.events import CallEvent, Kind, TransferEvent
from telephony.gateways.protocol import Gateway, GatewayError
from telephony.models import Call, Order, Transfer, TransferMode, TransferOutcome

OPEN = (TransferOutcome.ASKED, TransferOutcome.JOINED)
#: a more precise reason may follow a coarse one
CORRECTABLE = (TransferOutcome.ASKED, TransferOutcome.UNREACHABLE, TransferOutcome.NO_ANSWER)
LONGEST = timedelta(minutes=3)  # a transfer that nobody settled by then was lost with the process that asked


def begin(gateway: Gateway, call: CallState, order: Order, content: dict[str, object]) -> Transfer:
    """Writes the ledger row first, then moves; a refusal is in the ledger too."""
    mode, target = str(content.get("mode")), str(content.get("target"))
    if mode not in TransferMode.values:
        raise GatewayError("bad_mode", f"转接方式只接受：{'、'.join(TransferMode.values)}")
    if not content.get("consent"):
        raise GatewayError("no_consent", "请先征得群众同意再转接")
    row = Transfer.objects.create(
        call=Call.objects.get(node=call.node, call=call.call), mode=mode, target=target,
        target_kind=kind_of(target), seat=call.seat,
        staff_id=order.staff_id, consent=True, reason=str(content.get("reason") or "")[:200], asked_at=timezone.now(),
        party=f"party-{uuid.uuid4().hex}",
    )  # fmt: skip
    handover.attach(row)
    try:
        _move(gateway, call, row)
    except GatewayError:
        settle(row, TransferOutcome.UNREACHABLE, timezone.now())
        raise
    return row


def kind_of(target: str) -> str:
    """Where a target lies: 110, `peer-TRUNK`, a seat's short number, a queue's name, else a unit's number."""
    if target == "110":
        return "110"
    if target.startswith("peer-"):
        return "peer"
    if not target.isdigit():
        return "queue"
    return "seat" if len(target) <= 5 else "unit"


def _move(gateway: Gateway, call: CallState, row: Transfer) -> None:
    if row.mode == TransferMode.BLIND:
        gateway.intend(call.channel, "transfer")
        gateway.blind(call.leg_channel, row.target)
    elif row.mode == TransferMode.ATTENDED:
        gateway.attended(call.leg_channel, row.target)
    else:
        gateway.add_party(call.channel, row.target, row.party, call.call)


def latest(call: str) -> Transfer | None:
    """The open transfer that we asked for; one that brought the caller to us is not ours to settle so."""
    return (
        Transfer.objects.select_related("call")
        .filter(call__call=call, outcome__in=OPEN, inbound=False)
        .order_by("-id")
        .first()
    )


def settle(row: Transfer, outcome: str, at: datetime) -> None:
    row.outcome, row.settled_at = outcome, at
    row.save(update_fields=["outcome", "settled_at"])
    handover.follow(row)


def on_party(event: TransferEvent) -> None:
    row = Transfer.objects.select_related("call").filter(party=event.transfer, outcome__in=CORRECTABLE).first()
    if row is not None and not event.answered:
        settle(row, event.reason or TransferOutcome.UNREACHABLE, event.at)


def on_call(event: CallEvent, state: CallState | None) -> None:
    if event.kind == Kind.PARTY_JOINED:
        row = Transfer.objects.select_related("call").filter(party=event.leg, outcome=TransferOutcome.ASKED).first()
        if row is not None:
            settle(row, TransferOutcome.JOINED, event.at)
        return
    if event.kind == Kind.ARRIVED and event.data.get("origin"):
        received(event)
        return
    if event.kind in (Kind.CONNECTED, Kind.ENDED):
        _settle_received(event)
    if event.kind not in RELEVANT:
        return
    row = latest(event.call)
    if row is None:
        return
    if event.kind == Kind.TRANSFER_FAILED:
        settle(row, str(event.data.get("reason") or TransferOutcome.UNREACHABLE), event.at)
    elif event.kind in (Kind.TRANSFERRED, Kind.CONSULTED):
        joined = event.kind == Kind.CONSULTED
        settle(row, TransferOutcome.JOINED if joined else TransferOutcome.ACCEPTED, event.at)
    elif event.kind == Kind.LEG_ENDED and row.outcome == TransferOutcome.JOINED:
        settle(row, TransferOutcome.ACCEPTED, event.at)
    elif event.kind == Kind.ENDED:
        gone = TransferOutcome.CALLER_GONE if row.outcome == TransferOutcome.ASKED else TransferOutcome.ACCEPTED
        settle(row, gone, event.at)


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


def _settle_received(event: CallEvent) -> None:
    rows = Transfer.objects.select_related("call").filter(
        call__node=event.node, call__call=event.call, inbound=True, outcome=TransferOutcome.ASKED
    )
    for row in rows:
        taken = event.kind == Kind.CONNECTED
        settle(row, TransferOutcome.ACCEPTED if taken else TransferOutcome.CALLER_GONE, event.at)


RELEVANT = frozenset({Kind.TRANSFER_FAILED, Kind.TRANSFERRED, Kind.CONSULTED, Kind.LEG_ENDED, Kind.ENDED})


def expire(now: datetime) -> None:
    """A ledger row never stays open for ever."""
    Transfer.objects.filter(outcome=TransferOutcome.ASKED, inbound=False, asked_at__lt=now - LONGEST).update(
        outcome=TransferOutcome.UNREACHABLE, settled_at=now
    )
