"""What each order does. A handler raises `GatewayError`; its text is shown to the agent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from telephony.bridge import breaks, transfers
from telephony.dialled import to_dial
from telephony.gateways.protocol import GatewayError
from telephony.models import CallbackRequest, CallbackState, Order, SeatMode, SeatState, TransferOutcome
from ticketing.privacy.crypto import open_box

if TYPE_CHECKING:
    from telephony.bridge.core import Bridge

Content = dict[str, object]
FORCED_BREAK = timedelta(minutes=5)
FORCED = "辱骂后强制休息"


def log_in(bridge: Bridge, order: Order, content: Content) -> None:
    queues = [str(name) for name in content.get("queues", [])]  # type: ignore[attr-defined]
    bridge.keeper.log_in(
        order.seat, order.staff_id, str(content["token"]), str(content["password"]), queues, timezone.now()
    )


def log_out(bridge: Bridge, order: Order, content: Content) -> None:
    bridge.keeper.log_out(bridge.seat(order.seat), timezone.now(), reason=str(content.get("reason") or ""))


def ready(bridge: Bridge, order: Order, content: Content) -> None:
    seat = bridge.seat(order.seat)
    _idle(seat, "改为空闲")
    if not seat.reachable:
        raise GatewayError("phone_lost", "话机未连接，暂不能接电话")
    bridge.keeper.ready(seat, timezone.now())


def rest(bridge: Bridge, order: Order, content: Content) -> None:
    seat = bridge.seat(order.seat)
    reason = str(content.get("reason") or "").strip()
    if not reason:
        raise GatewayError("no_reason", "请选择小休原因")
    _idle(seat, "小休")
    breaks.allow(bridge.keeper.seats.values(), seat)
    bridge.keeper.pause(seat, True, "break")
    bridge.keeper.change(seat, SeatMode.BREAK, timezone.now(), reason=reason[:40], call="")


def _idle(seat: SeatState, what: str) -> None:
    if seat.mode in (SeatMode.TALKING, SeatMode.RINGING) or seat.own_call:
        raise GatewayError("busy", f"通话中不能{what}")
    now = timezone.now()
    if seat.reason == FORCED and seat.until and seat.until > now:
        raise GatewayError("forced_break", f"强制休息还有约{int((seat.until - now).total_seconds() // 60) + 1}分钟")


def hang_up(bridge: Bridge, order: Order, content: Content) -> None:
    """The intent first; then the page's phone says goodbye itself. `force` ends a leg that does not go.

    Who listens in or has joined a colleague's talk leaves nobody alone: no intent is needed.
    """
    seat = bridge.seat(order.seat)
    joined = bridge.calls.get(seat.call)
    if seat.own_call == "spy":
        bridge.keeper.own_call_over(seat, timezone.now())
        return
    if joined is not None and joined.seat != order.seat:
        return
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
    seat, now = bridge.seat(order.seat), timezone.now()
    _phone_free(seat)
    call = f"out-{uuid.uuid4().hex}"
    bridge.keeper.own_call(seat, call, SeatMode.RINGING, "回拨", now)
    CallbackRequest.objects.filter(pk=request.pk).update(dialled=call)
    try:
        bridge.gateway.originate(order.seat, to_dial(open_box(request.number_box)), call)
    except GatewayError:
        CallbackRequest.objects.filter(pk=request.pk).update(dialled="")
        bridge.keeper.own_call_over(seat, now)
        raise


def _phone_free(seat: SeatState) -> None:
    _idle(seat, "呼出或监听")
    if not seat.reachable:
        raise GatewayError("phone_lost", "您的话机未连接")


def spy(bridge: Bridge, order: Order, content: Content) -> None:
    """监听、耳语、强插: rings the leader's own phone, whose page answers by itself."""
    call, mode = bridge.talk(str(content["of"])), str(content.get("mode"))
    if mode not in SPYING:
        raise GatewayError("bad_mode", f"方式只接受：{'、'.join(SPYING)}")
    seat, now = bridge.seat(order.seat), timezone.now()
    if seat.extension == call.seat:
        raise GatewayError("own_seat", "不能监听自己的通话")
    _phone_free(seat)
    own = f"spy-{uuid.uuid4().hex}"
    bridge.keeper.own_call(seat, own, SeatMode.BREAK, f"{SPYING[mode]}座席{call.seat}", now)
    try:
        bridge.gateway.spy(order.seat, call.leg_channel, mode, own)
    except GatewayError:
        bridge.keeper.own_call_over(seat, now)
        raise


def kick(bridge: Bridge, order: Order, content: Content) -> None:
    """The leader logs out a stuck seat; a caller on it goes to the queue's front, whatever our own table says."""
    seat = bridge.seat(str(content["of"]))
    for call in [state for state in bridge.calls.values() if state.seat == seat.extension and state.leg]:
        bridge.gateway.intend(call.channel, "front")
        bridge.gateway.hang_up(call.leg_channel)
    bridge.keeper.log_out(seat, timezone.now(), reason="班长签出")


def take_over(bridge: Bridge, order: Order, content: Content) -> None:
    """The leader takes the caller from a seat: a blind move to the leader's own seat."""
    call = bridge.talk(str(content["of"]))
    if order.seat == call.seat:
        raise GatewayError("own_seat", "这就是您自己的通话")
    _phone_free(bridge.seat(order.seat))
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
    bridge.keeper.change(seat, SeatMode.BREAK, now, reason=FORCED, until=now + FORCED_BREAK, call="")


SPYING = {"listen": "监听", "whisper": "耳语", "barge": "强插"}
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
