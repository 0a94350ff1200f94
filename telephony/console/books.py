"""The telephone's books: the ledger of transfers, the calls that we owe, the nuisance list with its review dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.cache import never_cache

from directory.models import Role
from telephony import callbacks, handover
from telephony.console.access import SEATED, may, staff
from telephony.models import CallbackRequest, CallbackState, NuisanceCaller, Transfer, TransferOutcome
from ticketing.errors import BadInput, TicketError
from ticketing.exchange.models import Exchange
from ticketing.lifecycle import rules
from ticketing.models import Ticket
from ticketing.privacy import masking
from ticketing.privacy.crypto import keyed_hash, open_box, seal
from ticketing.terms import Channel

DAYS = (1, 7, 30, 90)
MOST = 200
REVIEW_DAYS = 30
FROM_OTHERS = (Channel.POLICE_110, Channel.PEER, Channel.UPPER, Channel.LOWER)
View = Callable[[HttpRequest], HttpResponse]


def book(*roles: str) -> Callable[[View], View]:
    """A page for these roles; a refused form comes back with one clear sentence and status 422."""

    def wrap(view: View) -> View:
        @login_required
        @never_cache
        @wraps(view)
        def inner(request: HttpRequest) -> HttpResponse:
            if not may(request, *roles):
                return HttpResponseForbidden("您没有使用此功能的权限")
            return view(request)

        return inner

    return wrap


@book(Role.SUPERVISOR, Role.CHECKER, Role.AUDITOR)
def ledger(request: HttpRequest) -> HttpResponse:
    """转接台账: every transfer with consent, reason and outcome; what followed by data; what others sent us."""
    days = _days(request)
    since = timezone.now() - timedelta(days=days)
    kind = request.GET.get("kind", "")
    rows = Transfer.objects.filter(asked_at__gte=since).select_related("call", "staff", "ticket")
    if kind:
        rows = rows.filter(target_kind=kind)
    shown = list(rows.order_by("-asked_at", "-id")[:MOST])
    sent = Exchange.objects.filter(created_at__gte=since).select_related("peer", "ticket").order_by("-pk")
    data = {(one.ticket_id, one.call_key): one for one in sent[:MOST]}
    lines = [
        {"row": row, "first": handover.accepted_first(row), "exchange": data.get((row.ticket_id or 0, row.call.call))}
        for row in shown
    ]
    counted = Counter(rows.values_list("outcome", flat=True))
    labels = dict(TransferOutcome.choices)
    context = {
        "lines": lines, "days": days, "choices": DAYS, "kind": kind,
        "kinds": Transfer._meta.get_field("target_kind").choices,
        "sums": [(labels.get(code, code), count) for code, count in counted.most_common()],
        "inbound": Ticket.objects.filter(channel__in=FROM_OTHERS, created_at__gte=since).order_by("-pk")[:50],
        "exchanges": data.values(),
    }  # fmt: skip
    return render(request, "telephony/ledger.html", context)


def _days(request: HttpRequest) -> int:
    text = request.GET.get("days", "")
    return int(text) if text in {str(days) for days in DAYS} else 7


@book(*SEATED)
def owed(request: HttpRequest) -> HttpResponse:
    """回拨: who is owed a call, in the order in which they are called; one may be scheduled for a ticket."""
    error = ""
    if request.method == "POST":
        try:
            schedule(request.POST.get("ticket", ""), request.POST.get("at", ""), timezone.now())
            return redirect("callbacks")
        except TicketError as refusal:
            error = str(refusal)
    waiting = CallbackRequest.objects.filter(state__in=(CallbackState.WAITING, CallbackState.TAKEN))
    settled = CallbackRequest.objects.exclude(pk__in=waiting.values("pk")).order_by("-settled_at", "-id")
    context = {
        "waiting": [_line(row) for row in waiting.select_related("ticket", "staff").order_by("place_at", "id")[:MOST]],
        "settled": [_line(row) for row in settled.select_related("ticket", "staff")[:50]],
        "error": error, "given": request.POST,
    }  # fmt: skip
    return render(request, "telephony/callbacks.html", context, status=422 if error else 200)


def _line(row: CallbackRequest) -> dict[str, object]:
    return {"row": row, "number": masking.phone(open_box(row.number_box))}


def schedule(number: str, at: str, now: datetime) -> CallbackRequest:
    """预约回拨 for a ticket's citizen at a decent hour within 30 days. Raises `BadInput`."""
    ticket = Ticket.objects.select_related("identity").filter(number=number.strip()).first()
    if ticket is None:
        raise BadInput("ticket", f"没有工单 {number.strip()[:30]}")
    phone = open_box(ticket.identity.phone_box) if hasattr(ticket, "identity") else ""
    if not phone:
        raise BadInput("ticket", "该工单没有联系电话")
    moment = parse_datetime(at or "")
    if moment is None:
        raise BadInput("at", "请填写回拨时间（年-月-日 时:分）")
    moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    if not now - timedelta(minutes=1) <= moment <= now + timedelta(days=30):
        raise BadInput("at", "回拨时间应在今后三十天内")
    if callbacks.decent(moment) != moment:
        raise BadInput("at", f"回拨时间应在 {callbacks.hours()[0]:%H:%M} 至 {callbacks.hours()[1]:%H:%M} 之间")
    return CallbackRequest.objects.create(
        kind="asked", ticket=ticket, number_box=seal(phone), number_hash=keyed_hash("phone", phone), place_at=moment,
        not_before=moment,
    )  # fmt: skip


@book(Role.SUPERVISOR)
def nuisance(request: HttpRequest) -> HttpResponse:
    """骚扰来电: each entry ends by itself at its review date unless the leader confirms it again."""
    error = ""
    if request.method == "POST":
        try:
            change_nuisance(request)
            return redirect("nuisance")
        except TicketError as refusal:
            error = str(refusal)
    rows = NuisanceCaller.objects.select_related("staff").order_by("review_on", "id")
    context = {
        "rows": [{"row": row, "number": masking.phone(open_box(row.number_box))} for row in rows[:MOST]],
        "today": timezone.localdate(), "error": error, "given": request.POST,
    }  # fmt: skip
    return render(request, "telephony/nuisance.html", context, status=422 if error else 200)


def change_nuisance(request: HttpRequest) -> None:
    """`do`: add (number, reason, review_on), confirm or remove (id). Raises `BadInput`."""
    wanted, post = request.POST.get("do", ""), request.POST
    today = timezone.localdate()
    if wanted == "add":
        number = post.get("number", "").strip()
        if not (number.lstrip("+").isdigit() and 5 <= len(number) <= 16):
            raise BadInput("number", "请填写 5 至 15 位数字的电话号码")
        review = parse_date(post.get("review_on", "") or "")
        if review is None or not today < review <= today + timedelta(days=180):
            raise BadInput("review_on", "复核日期应在今后 180 天内")
        NuisanceCaller.objects.update_or_create(
            number_hash=keyed_hash("phone", number),
            defaults={
                "number_box": seal(number), "reason": rules.text("reason", post.get("reason", ""), least=2, most=200),
                "staff": staff(request), "created_at": timezone.now(), "review_on": review,
            },
        )  # fmt: skip
        return
    pk = post.get("id", "")
    rows = NuisanceCaller.objects.filter(pk=int(pk) if pk.isdigit() and len(pk) < 12 else 0)
    if wanted not in ("confirm", "remove"):
        raise BadInput("do", "“do”只接受：add、confirm、remove")
    if not rows.exists():
        raise BadInput("id", "没有这条记录，可能已到期移除")
    if wanted == "confirm":
        rows.update(review_on=today + timedelta(days=REVIEW_DAYS), staff=staff(request))
    else:
        # the bridge takes the number off the phone system when its date has passed
        rows.update(review_on=today - timedelta(days=1))
