"""Rating points: a printable code for each window and service item, and the reviews that come through them."""

from __future__ import annotations

import secrets
from datetime import timedelta

import segno
from django.conf import settings
from django.core import signing
from django.utils import timezone

from directory.models import Department
from ticketing.errors import BadInput
from ticketing.lifecycle import rules
from ticketing.models import Ticket
from ticketing.privacy.crypto import keyed_hash

from . import rating
from .models import RatingPoint, Review, ServiceItem
from .terms import ReviewChannel, ReviewKind

_SALT, _CALL_SALT = "review.link", "review.call"
#: an SMS link works this long; later the portal is open
LINK_DAYS = 30


def create(department: Department, *, window: str = "", item: ServiceItem | None = None) -> RatingPoint:
    """A new point with its own code."""
    if item is None:
        rules.text("window", window, most=80)
    token = secrets.token_urlsafe(9)
    return RatingPoint.objects.create(
        token=token, department=department, item=item, window=window.strip()[:80], checked_at=timezone.now()
    )


def address(point: RatingPoint) -> str:
    """Where the printed code leads."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/figures/rate/{point.token}/"


def kiosk_key(point: RatingPoint) -> str:
    """What opens the tablet's page: its ratings come in series, which anywhere else is a signal."""
    return keyed_hash("kiosk", point.token)[:16]


def svg(point: RatingPoint) -> str:
    """The code as an inline picture, dark on white, with a title for screen readers."""
    code = segno.make(address(point), error="q", micro=False)
    return str(code.svg_inline(scale=6, border=4, dark="#000", light="#fff", omitsize=True, title="扫码评价"))


def rate_visit(
    point: RatingPoint, *, visit: str, level: int, options: tuple[str, ...], remark: str, origin: str
) -> Review:
    """The review of one visit at a window (一次一评). `visit` is drawn by the page: a second press changes nothing."""
    if not 8 <= len(visit) <= 64 or not visit.isascii():
        raise BadInput("visit", "“visit”无效，请重新打开评价页")
    return rating.give(
        rating.Given(
            kind=ReviewKind.CALL,
            key=f"window:{point.token}:{visit}",
            person=rating.OWNER,
            level=level,
            channel=ReviewChannel.QR,
            department_id=point.department_id,
            options=options,
            remark=remark,
            origin_hash=keyed_hash("origin", origin) if origin else "",
        )
    )


def link(ticket: Ticket) -> str:
    """The address sent by SMS after the answer: says which ticket, cannot be guessed, holds nothing personal."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/figures/rate/m/{signing.dumps(ticket.pk, salt=_SALT)}/"


def call_link(call: str) -> str:
    """The address sent by SMS after a call that nobody rated by key; it names the call only, signed."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/figures/rate/c/{signing.dumps(call, salt=_CALL_SALT)}/"


def call_of(signed: str) -> str:
    """The call of a link, empty for a forged or expired one."""
    try:
        return str(signing.loads(signed, salt=_CALL_SALT, max_age=timedelta(days=LINK_DAYS)))
    except signing.BadSignature:
        return ""


def rate_call(call: str, *, level: int, options: tuple[str, ...], remark: str) -> Review:
    """The call's one review, whichever way it comes: a key pressed meanwhile is changed, not doubled."""
    given = rating.Given(
        kind=ReviewKind.CALL, key=call, person=rating.OWNER, level=level, channel=ReviewChannel.SMS, options=options,
        remark=remark,
    )  # fmt: skip
    return rating.give(given)


def ticket_of(signed: str) -> Ticket | None:
    """The ticket of a link; None for a forged or expired one."""
    try:
        pk = signing.loads(signed, salt=_SALT, max_age=timedelta(days=LINK_DAYS))
    except signing.BadSignature:
        return None
    return Ticket.objects.filter(pk=pk).first()


def rate_ticket(ticket: Ticket, *, level: int, options: tuple[str, ...], remark: str) -> Review:
    """The handling review given through the SMS link; the same person's as on the portal and at the call-back."""
    if ticket.replied_at is None:
        raise BadInput("ticket", "工单尚未答复，暂不能评价")
    rounds = ticket.redo_count + ticket.reopen_count
    return rating.give(
        rating.Given(
            kind=ReviewKind.HANDLING,
            key=f"{ticket.number}/{rounds}" if rounds else ticket.number,
            person=rating.OWNER,
            level=level,
            channel=ReviewChannel.SMS,
            ticket=ticket,
            options=options,
            remark=remark,
            real_name=not ticket.anonymous,
            origin_hash=number_of(ticket),
        )
    )


def number_of(ticket: Ticket) -> str:
    """The keyed digest of the citizen's number, by which reviews in series are found; "" when it is not known."""
    identity = getattr(ticket, "identity", None)
    return str(identity.phone_hash) if identity is not None else ""
