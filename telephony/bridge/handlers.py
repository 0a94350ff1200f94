"""What each order does. A handler raises `GatewayError`; its text is shown to the agent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from telephony.bridge import transfers
from telephony.gateways.protocol import GatewayError
from telephony.models import CallbackRequest, CallbackState, Order, SeatMode, TransferOutcome
from ticketing.privacy.crypto import open_box

if TYPE_CHECKING:
    from telephony.bridge.core import Bridge

Content = dict[str, object]
FORCED_BREAK = timedelta(minutes=5)


def log_in(bridge: Bridge, order: Order, content: Content) -> None:
    queues = [str(name) for name in content.get("queues", [])]  # type: ignore[attr-defined]
    bridge.keeper.log_in(
        order.seat, order.staff_id, str(content["token"]), str(content["password"]), queues, timezone.now()
    )


def log_out(bridge: Bridge, order: Order, content: Content) -> None:
    bridge.keeper.log_out(bridge.seat(order.seat), timezone.now(), reason=str(content.get("reason") or ""))


def ready(bridge: Bridge, order: Order, content: Content) -> None:
    seat = bridge.seat(order.seat)
    if seat.mode in (SeatMode.TALKING, SeatMode.RINGING):
        raise GatewayError("busy", "通话中不能改为空闲")
    if not seat.reachable:
        raise GatewayError("phone_lost", "话机未连接，暂不能接电话")
    bridge.keeper.ready(seat, timezone.now())


def rest(bridge: Bridge, order: Order, content: Content) -> None:
    seat = bridge.seat(order.seat)
    reason = str(content.get("reason") or "").strip()
    if not reason:
        raise GatewayError("no_reason", "请选择小休原因")
    if seat.mode in (SeatMode.TALKING, SeatMode.RINGING):
        raise GatewayError("busy", "通话中不能小休")
    bridge.keeper.pause(seat, True, "break")
    bridge.keeper.change(seat, SeatMode.BREAK, timezone.now(), reason=reason[:40], call="")


def hang_up(bridge: Bridge, order: Order, content: Content) -> None:
    """The intent first; then the page's phone says goodbye itself. `force` ends a leg that does not go."""
    call = bridge.talk(order.seat)
    bridge.gateway.intend(call.channel, "hangup")
    if content.get("force"):
        bridge.gateway.hang_up(call.leg_channel)


def take_back(bridge: Bridge, order: Order, content: Content) -> None:
    """A reloaded page: its old leg is deaf. Without an intent the dial plan rings this seat again at once."""
    call = bridge.talk(order.seat)
    bridge.gateway.hang_up(call.leg_channel)


def transfer(bridge: Bridge, order: Order, content: Content) -> None:
    transfers.begin(bridge.gateway, bridge.talk(order.seat), order, content)


def transfer_cancel(bridge: Bridge, order: Order, content: Content) -> None:
    call = bridge.talk(order.seat)
    row = transfers.latest(call.call)
    if row is None:
        raise GatewayError("no_transfer", "没有进行中的转接")
    if row.mode == "attended":
        bridge.gateway.cancel_attended(call.leg_channel)
    else:
        bridge.gateway.hang_up(row.party)
    transfers.settle(row, TransferOutcome.CANCELLED, timezone.now())


def transfer_complete(bridge: Bridge, order: Order, content: Content) -> None:
    """The agent leaves; caller and the other side go on. Refused before the other side has answered."""
    call = bridge.talk(order.seat)
    row = transfers.latest(call.call)
    if row is None or row.outcome != TransferOutcome.JOINED:
        raise GatewayError("not_answered", "对方尚未接听，群众仍在线")
    bridge.gateway.intend(call.channel, "transfer")
    bridge.gateway.hang_up(call.leg_channel)


def drop_party(bridge: Bridge, order: Order, content: Content) -> None:
    call = bridge.talk(order.seat)
    party = str(content.get("party"))
    if party not in call.parties:
        raise GatewayError("no_party", "该方不在通话中")
    bridge.gateway.hang_up(party)


def record(bridge: Bridge, order: Order, content: Content) -> None:
    bridge.gateway.record(bridge.talk(order.seat).channel, bool(content.get("on")))


def dial(bridge: Bridge, order: Order, content: Content) -> None:
    """Calls a citizen back from the ledger of what we owe; free numbers are not dialled from the console."""
    request = CallbackRequest.objects.get(pk=int(str(content["callback"])))
    if request.staff_id != order.staff_id or request.state != CallbackState.TAKEN:
        raise GatewayError("not_yours", "该回拨已由他人处理")
    bridge.gateway.originate(order.seat, open_box(request.number_box), f"out-{uuid.uuid4().hex}")


def spy(bridge: Bridge, order: Order, content: Content) -> None:
    call = bridge.talk(str(content["seat"]))
    bridge.gateway.spy(order.seat, call.leg_channel, str(content["mode"]))


def kick(bridge: Bridge, order: Order, content: Content) -> None:
    """The leader logs out a stuck seat; a caller on it goes to the queue's front."""
    seat = bridge.seat(str(content["seat"]))
    if seat.mode == SeatMode.TALKING:
        bridge.gateway.hang_up(bridge.talk(seat.extension).leg_channel)
    bridge.keeper.log_out(seat, timezone.now(), reason="班长签出")


def take_over(bridge: Bridge, order: Order, content: Content) -> None:
    """The leader takes the caller from a seat: a blind move to the leader's own seat."""
    call = bridge.talk(str(content["seat"]))
    bridge.gateway.intend(call.channel, "transfer")
    bridge.gateway.blind(call.leg_channel, order.seat)


def abuse(bridge: Bridge, order: Order, content: Content) -> None:
    """After abuse: the call ends with its intent on record, the agent gets a forced break."""
    call = bridge.talk(order.seat)
    bridge.gateway.intend(call.channel, "transfer")
    bridge.gateway.hang_up(call.channel)
    seat = bridge.seat(order.seat)
    bridge.keeper.pause(seat, True, "abuse")
    now = timezone.now()
    bridge.keeper.change(seat, SeatMode.BREAK, now, reason="辱骂后强制休息", until=now + FORCED_BREAK, call="")


HANDLERS: dict[str, Callable[[Bridge, Order, Content], None]] = {
    "log_in": log_in,
    "log_out": log_out,
    "ready": ready,
    "break": rest,
    "hang_up": hang_up,
    "take_back": take_back,
    "transfer": transfer,
    "transfer_cancel": transfer_cancel,
    "transfer_complete": transfer_complete,
    "drop_party": drop_party,
    "record": record,
    "dial": dial,
    "spy": spy,
    "kick": kick,
    "take_over": take_over,
    "abuse": abuse,
}
