"""Orders: how a page asks the bridge for something, and how it learns what came of it."""

from __future__ import annotations

import json
import time
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from telephony.models import Order, OrderState
from ticketing.privacy.crypto import open_box, seal

STALE_SECONDS = 15  # an order that waited longer surprises: it expires


class OrderFailed(RuntimeError):
    """The bridge could not do it. `code` is stable; the text is for the screen."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def give(node: str, action: str, *, seat: str = "", staff: int | None = None, **content: object) -> Order:
    return Order.objects.create(
        node=node, seat=seat, staff_id=staff, action=action, created_at=timezone.now(),
        content_box=seal(json.dumps(content, ensure_ascii=False)) if content else "",
    )  # fmt: skip


def content(order: Order) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(open_box(order.content_box)) if order.content_box else {}
    return loaded


def wait(order: Order, seconds: float = 8) -> Order:
    """Waits for the bridge. Raises `OrderFailed`; an order nobody took is withdrawn, so it cannot happen later."""
    end, pause = time.monotonic() + seconds, 0.015
    while time.monotonic() < end:
        order.refresh_from_db()
        if order.state == OrderState.DONE:
            return order
        if order.state in (OrderState.FAILED, OrderState.EXPIRED):
            raise OrderFailed(order.code or "failed", order.error or "操作失败")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.1)
    withdrawn = Order.objects.filter(pk=order.pk, state=OrderState.WAITING).update(
        state=OrderState.EXPIRED, code="bridge_down", error="电话桥接进程没有响应", settled_at=timezone.now()
    )
    if withdrawn:
        raise OrderFailed("bridge_down", "电话桥接进程没有响应，请稍后再试")
    raise OrderFailed("unknown", "电话系统没有及时应答，结果未知，请看座席状态")


def waiting(node: str) -> QuerySet[Order]:
    return Order.objects.filter(node=node, state=OrderState.WAITING).order_by("id")


def take(order: Order) -> bool:
    """True for the one process that gets it; too old ones expire instead."""
    stale = timezone.now() - order.created_at > timedelta(seconds=STALE_SECONDS)
    state = OrderState.EXPIRED if stale else OrderState.TAKEN
    taken = Order.objects.filter(pk=order.pk, state=OrderState.WAITING).update(state=state)
    return bool(taken) and not stale


def settle(order: Order, state: str, code: str = "", error: str = "") -> None:
    Order.objects.filter(pk=order.pk).update(
        state=state, code=code, error=error[:200], settled_at=timezone.now(), content_box=""
    )


def abandon_taken(node: str) -> int:
    """At start: what a killed bridge had begun is not repeated; nobody knows whether it happened."""
    return Order.objects.filter(node=node, state=OrderState.TAKEN).update(
        state=OrderState.FAILED, code="unknown", error="桥接进程曾中断，结果未知", settled_at=timezone.now()
    )
