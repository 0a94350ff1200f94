"""Messages that went out (the visible outbox) and those that came to my unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from directory.models import Role
from ticketing.lifecycle.actors import Actor
from ticketing.models import Notice, Ticket
from ticketing.privacy import crypto, masking
from ticketing.visibility import visible

PAGE = 50
UNREAD_CAP = 99


#: how a message went, in words; `auto` is decided at delivery
MEANS = {
    "auto": "投递时确定",
    "page": "网页",
    "sms": "短信",
    "email": "电子邮件",
    "smtp": "电子邮件",
    "webhook": "接口回调",
}


@dataclass(frozen=True)
class Sent:
    """A notice with its address masked."""

    notice: Notice
    address: str
    means: str


def outbox(actor: Actor) -> QuerySet[Notice]:
    """All messages for the administrator; for a supervisor those about tickets of the region. Newest first."""
    rows = Notice.objects.select_related("department", "staff").order_by("-pk")
    if actor.standing is not None and actor.standing.has(Role.ADMINISTRATOR):
        return rows
    return rows.filter(Exists(visible(actor, Ticket.objects.filter(pk=OuterRef("ticket_id")))))


def masked(notices: list[Notice]) -> list[Sent]:
    return [Sent(notice, _address(notice), MEANS.get(notice.means, notice.means)) for notice in notices]


def _address(notice: Notice) -> str:
    if notice.audience == "unit":
        return str(notice.department or "")
    if notice.audience == "staff":
        return str(notice.staff or "")
    try:
        text = crypto.open_box(notice.address_box)
    except crypto.CannotOpen:
        return "无法解密"
    return masking.email(text) if "@" in text else masking.phone(text)


def inbox(actor: Actor) -> QuerySet[Notice]:
    """What was sent to my units or to me, newest first."""
    rows = _mine(actor).select_related("ticket", "department").defer("ticket__body", "ticket__proposal")
    return rows.order_by("-pk")


def _mine(actor: Actor) -> QuerySet[Notice]:
    units = actor.standing.departments if actor.standing else frozenset()
    mine = Q(audience="staff", staff_id=actor.staff_id)
    return Notice.objects.filter(mine | Q(audience="unit", department_id__in=units) if units else mine)


def unread(actor: Actor, since: datetime) -> int:
    """Unread messages of my units and to me since then, at most `UNREAD_CAP` + 1."""
    rows = _mine(actor).filter(created_at__gte=since, read_at=None)
    return rows.order_by()[: UNREAD_CAP + 1].count()
