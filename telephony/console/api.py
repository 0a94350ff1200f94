"""The console's API. Handlers authenticate, parse, call, answer; rules live in the bridge and in ticketing."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from directory.models import Department, Role, Seat, Staff
from telephony import handover
from telephony.calls.state import Status
from telephony.console.access import SEATED, Refused, acting, endpoint, require, seat_of, staff
from telephony.console.parsing import body, text
from telephony.console.popup import popup
from telephony.console.present import current_call, present
from telephony.models import Call, CallbackRequest, Draft, NuisanceCaller, Queue, SeatMode, SeatState
from telephony.seats import orders
from telephony.seats.orders import OrderFailed
from telephony.secret import seat_password
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.knowledge import feedback
from ticketing.knowledge.finding import readable
from ticketing.lifecycle.actions.answering import Answer
from ticketing.lifecycle.engine import act
from ticketing.models import Ticket
from ticketing.privacy.crypto import open_box, seal
from ticketing.privacy.identity import Person

ORDERS = frozenset(
    {"log_out", "ready", "break", "hang_up", "take_back", "transfer", "transfer_cancel", "transfer_complete",
     "drop_party", "record", "dial", "abuse"}
)  # fmt: skip
#: where the seat answers: in the page, on a phone of its own, or nowhere (the demo's calls answer themselves)
PHONES = {"asterisk": "page", "twilio": "outside", "sip": "outside"}
SEEN_AGAIN = timedelta(seconds=10)  # the keeper lets a page be silent for more than four times as long
LEADERS = frozenset({"spy", "kick", "take_over"})


@endpoint("POST")
def log_in(request: HttpRequest) -> JsonResponse:
    """Takes a seat: a fresh phone password for this page alone; an earlier page of the same seat is superseded."""
    person, wanted = staff(request), text(body(request), "seat", 12)
    require(request, *SEATED)
    seat = Seat.objects.filter(number=wanted, active=True).first()
    if seat is None:
        raise Refused(422, "bad_seat", f"没有启用的座席 {wanted}")
    held = SeatState.objects.filter(extension=wanted).exclude(staff=person).exclude(token="").first()
    if held is not None and held.mode in ("ready", "ringing", "talking"):
        raise Refused(409, "taken", f"座席 {wanted} 正由他人使用")
    queues = [q.name for q in Queue.objects.filter(active=True) if not q.skill or q.skill in seat.skills] or ["normal"]
    password, token = seat_password(), secrets.token_urlsafe(24)
    for other in SeatState.objects.filter(staff=person).exclude(extension=wanted).exclude(token=""):
        orders.wait(orders.give(other.node, "log_out", seat=other.extension, staff=person.pk, reason="改到别的座席"))
    content = {"password": password, "token": token, "queues": queues}
    orders.wait(orders.give(seat.node, "log_in", seat=wanted, staff=person.pk, **content))
    return JsonResponse(
        {"extension": wanted, "password": password, "token": token, "domain": "hotline",
         "phone": PHONES.get(settings.PHONE_GATEWAY, "none"),
         "ice": ice_servers()}
    )  # fmt: skip


def ice_servers() -> list[dict[str, str]]:
    """HOTLINE_ICE_SERVERS as browsers want them; TURN with the account of HOTLINE_TURN_USER."""
    account = {"username": settings.ENV.text("TURN_USER"), "credential": settings.ENV.text("TURN_PASSWORD")}
    servers = settings.ENV.items("ICE_SERVERS")
    return [{"urls": url, **(account if url.startswith(("turn:", "turns:")) else {})} for url in servers]


@endpoint("GET")
def state(request: HttpRequest) -> JsonResponse:
    """Everything the page shows of seat and call; asking also says that the page is alive.

    `popped`: the call whose pop the page has already. For another one that is open the pop comes with the answer.
    """
    seat, now = seat_of(request), timezone.now()
    if seat.seen_at is None or now - seat.seen_at > SEEN_AGAIN:
        SeatState.objects.filter(pk=seat.pk).update(seen_at=now)
    call = current_call(seat)
    answer = present(seat, call)
    if call is not None and call.status != Status.ENDED and request.GET.get("popped", call.call) != call.call:
        answer["pop"] = popup(call, acting(request), answer["call"])
    return JsonResponse(answer)


@endpoint("GET")
def pop(request: HttpRequest) -> JsonResponse:
    """The screen pop: only for the seat that rings or talks."""
    call = current_call(seat_of(request))
    return JsonResponse(popup(call, acting(request)) if call else {"call": None})


@endpoint("POST")
def order(request: HttpRequest) -> JsonResponse:
    content = dict(body(request))
    action = str(content.pop("action", ""))
    if action in LEADERS:
        return leaders_order(request, action, content)
    if action not in ORDERS:
        raise Refused(422, "unknown_order", f"未知指令；接受 {'、'.join(sorted(ORDERS))}")
    seat = seat_of(request)
    if reserved := {"node", "action", "seat", "staff"} & set(content):
        raise Refused(422, "bad_input", f"不接受的字段：{'、'.join(sorted(reserved))}")
    orders.wait(orders.give(seat.node, action, seat=seat.extension, staff=staff(request).pk, **content))
    seat.refresh_from_db()
    if action == "abuse":
        _remember_abuse(request, content)
    return JsonResponse(present(seat, current_call(seat)))


def leaders_order(request: HttpRequest, action: str, content: Mapping[str, object]) -> JsonResponse:
    """From the board: the seat concerned is named; what rings, rings at the seat that the leader is logged in to."""
    person = staff(request)
    require(request, Role.SUPERVISOR)
    wanted = SeatState.objects.filter(extension=str(content.get("seat") or "")).exclude(mode=SeatMode.OFFLINE).first()
    if wanted is None:
        raise Refused(422, "bad_seat", "没有这个在线座席")
    own = SeatState.objects.filter(staff=person, node=wanted.node).exclude(token="").first()
    if own is None and action != "kick":
        raise Refused(409, "not_logged_in", "监听和接管要用您自己的话机：请先在座席台登录座席")
    about = {"of": wanted.extension, **({"mode": str(content["mode"])} if "mode" in content else {})}
    orders.wait(orders.give(wanted.node, action, seat=own.extension if own else "", staff=person.pk, **about))
    return JsonResponse({"done": action})


def _remember_abuse(request: HttpRequest, content: Mapping[str, object]) -> None:
    call = Call.objects.filter(call=str(content.get("call") or "")).first()
    if call is not None and call.number_hash:
        NuisanceCaller.objects.update_or_create(
            number_hash=call.number_hash,
            defaults={
                "number_box": call.number_box, "reason": str(content.get("reason") or "辱骂骚扰")[:200],
                "staff": staff(request), "created_at": timezone.now(),
                "review_on": timezone.localdate() + timedelta(days=30),
            },
        )  # fmt: skip


@endpoint("POST")
def save_draft(request: HttpRequest) -> JsonResponse:
    """Autosave: the newest version wins; an older one that arrives late changes nothing."""
    content = body(request)
    call, version = text(content, "call", 80), content.get("version")
    if not call or not isinstance(version, int) or version < 1:
        raise Refused(422, "bad_input", "“call”与“version”（正整数）必填")
    words = json.dumps(content.get("fields", {}), ensure_ascii=False)
    if len(words) > 20_000:
        raise Refused(422, "bad_input", "内容过长")
    now = timezone.now()
    with transaction.atomic():
        row, new = Draft.objects.select_for_update().get_or_create(
            call=call, staff=staff(request),
            defaults={"content_box": seal(words), "version": version, "saved_at": now},
        )  # fmt: skip
        if not new and version > row.version:
            row.content_box, row.version, row.saved_at = seal(words), version, now
            row.save(update_fields=["content_box", "version", "saved_at"])
    return JsonResponse({"version": row.version})


@endpoint("GET")
def drafts(request: HttpRequest) -> JsonResponse:
    """Words that were never saved as a ticket, newest first: a crashed browser loses none."""
    rows = Draft.objects.filter(staff=staff(request)).order_by("-saved_at")[:20]
    return JsonResponse(
        {"drafts": [{"call": r.call, "content": open_box(r.content_box), "version": r.version,
                     "saved_at": r.saved_at.isoformat()} for r in rows]}
    )  # fmt: skip


@endpoint("POST")
def discard_draft(request: HttpRequest) -> JsonResponse:
    """The agent gives up words of their own."""
    gone, _ = Draft.objects.filter(call=text(body(request), "call", 80), staff=staff(request)).delete()
    return JsonResponse({"discarded": gone})


@endpoint("POST")
def save_ticket(request: HttpRequest) -> JsonResponse:
    """Files the ticket, while talking or after; with an answer it is closed as answered directly.

    `form` is the page's own id of this form: sending it twice makes one ticket.
    """
    content, person = body(request), staff(request)
    form, call = text(content, "form", 60), text(content, "call", 80)
    if not form:
        raise Refused(422, "bad_input", "“form”必填")
    number = ""
    row = Call.objects.filter(call=call).first() if call else None
    if row is not None and not had_part(row, person):
        raise Refused(403, "not_yours", "这不是您的通话")
    if row is not None:
        number = open_box(row.number_box)
    report = Report(
        channel="phone", external_id=f"console:{form}", call_key=call, kind=text(content, "kind", 20),
        title=text(content, "title", 120), body=text(content, "body"), place=text(content, "place", 300),
        region=text(content, "region", 12), enterprise=text(content, "enterprise", 200),
        urgency=text(content, "urgency", 10), confidential=bool(content.get("confidential")),
        anonymous=bool(content.get("anonymous")), wants_callback=bool(content.get("wants_callback", True)),
        category=content.get("category") if isinstance(content.get("category"), int) else None,  # type: ignore[arg-type]
        person=Person(
            name=text(content, "name", 40), phone=text(content, "phone", 20) or number,
            address=text(content, "address", 200),
        ),
    )  # fmt: skip
    actor = acting(request)
    accepted = accept(report, actor=actor)
    answer, knowledge = text(content, "answer"), text(content, "knowledge", 60)
    if answer and accepted.new:
        act(accepted.ticket.pk, Answer(answer=answer, knowledge=knowledge), actor=actor)
        entry = readable(staff=True).filter(code=knowledge).first() if knowledge else None
        if entry is not None:
            feedback.use(entry, "answered", actor=actor, helped=True, ticket=accepted.ticket.number)
    Draft.objects.filter(call__in=(call, text(content, "draft", 80)), staff=person).delete()
    ticket = Ticket.objects.get(pk=accepted.ticket.pk)
    handover.bind(ticket)
    return JsonResponse(
        {"number": ticket.number, "status": ticket.get_status_display(), "query_code": accepted.query_code,
         "new": accepted.new, "suspected_110": ticket.suspected_110}
    )  # fmt: skip


def had_part(call: Call, person: Staff) -> bool:
    """Whoever talked on it may file it: the agent, one who took over, one who was joined in."""
    if call.staff_id in (None, person.pk):
        return True
    seat = SeatState.objects.filter(staff=person).exclude(token="").first()
    return seat is not None and (seat.call == call.call or seat.extension in call.seats)


@endpoint("GET")
def targets(request: HttpRequest) -> JsonResponse:
    """Units that a call can be passed on to, whose name holds what was typed and whose telephone is known."""
    words = request.GET.get("q", "").strip()[:20]
    found = Department.objects.filter(name__contains=words).exclude(phone="").order_by("name")[:15] if words else []
    return JsonResponse({"units": [{"target": str(d.pk), "name": d.name} for d in found]})


@endpoint("POST")
def take_callback(request: HttpRequest) -> JsonResponse:
    """The next call that we owe, in order; a lease keeps it from being taken twice."""
    from telephony.callbacks import give_back, next_owed

    seat = seat_of(request)
    owed = next_owed(staff(request), timezone.now())
    if owed is None:
        return JsonResponse({"callback": None})
    try:
        orders.wait(orders.give(seat.node, "dial", seat=seat.extension, staff=staff(request).pk, callback=owed.pk))
    except OrderFailed:
        give_back(owed)  # nobody was rung: it is the next one's again
        raise
    return JsonResponse({"callback": {"id": owed.pk, "kind": owed.kind, "tries": owed.tries}})


@endpoint("POST")
def settle_callback(request: HttpRequest) -> JsonResponse:
    """The agent's own word on a call-back, which goes before the network's: a mailbox answers too."""
    from telephony.callbacks import settle

    content = body(request)
    wanted = content.get("id")
    own = CallbackRequest.objects.filter(staff=staff(request))
    row = own.filter(pk=wanted).first() if isinstance(wanted, int) else None
    if row is None:
        raise Refused(404, "not_found", "没有这条回拨")
    if not isinstance(content.get("reached"), bool):
        raise Refused(422, "bad_input", "“reached”应为 true 或 false")
    settle(row, reached=content["reached"] is True, now=timezone.now())
    return JsonResponse({"state": row.state, "label": row.get_state_display()})
