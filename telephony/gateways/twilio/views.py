"""The webhooks: check the signature, put what happened into the inbox of the bridge, answer TwiML."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from telephony.asterisk_config.prompts import texts
from telephony.calls.state import Status
from telephony.gateways.events import CallEvent, Kind
from telephony.gateways.outside import inbox
from telephony.gateways.protocol import GatewayError
from telephony.gateways.twilio import normalise, rest, twiml
from telephony.gateways.twilio.signature import genuine
from telephony.models import Call, Incoming, Line, NuisanceCaller, Queue
from telephony.models import CallEvent as Row
from ticketing.privacy.crypto import keyed_hash

QUEUE = "normal"
View = Callable[[HttpRequest], str]


def webhook(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Signed POSTs about a call only; anything else is 403 and nothing happens. A webhook told twice is harmless."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponse:
        if not genuine(request) or not (request.POST.get("CallSid") or asked_about(request)):
            return HttpResponseForbidden("signature")
        return HttpResponse(view(request), content_type="text/xml; charset=utf-8")

    return inner


def base() -> str:
    return f"{str(settings.PUBLIC_URL).rstrip('/')}/console/twilio/"


def asked_about(request: HttpRequest) -> str:
    """The call named in the address; the signature covers the address too."""
    return request.GET.get("call", "")[:80]


def extension(request: HttpRequest) -> str:
    given = request.GET.get("seat", "")
    return given if given.isdigit() and len(given) <= 8 else ""


def queue_of(line: str) -> str:
    """The queue behind the number that was called, with or without its country code."""
    rows = Line.objects.filter(number__in={line, line.removeprefix("+86"), line.lstrip("+")})
    return rows.values_list("queue_id", flat=True).first() or QUEUE


def told(call: str, kind: Kind) -> bool:
    """Whether the caller pressed the key for `kind`; it may still wait for the bridge."""
    key = f"{call}:{kind}:"
    return Incoming.objects.filter(key=key).exists() or Row.objects.filter(key=key).exists()


@webhook
def voice(request: HttpRequest) -> str:
    post, now = request.POST.dict(), timezone.now()
    if NuisanceCaller.objects.filter(
        number_hash=keyed_hash("phone", post.get("From", "")), review_on__gte=timezone.localdate()
    ).exists():
        inbox.put(normalise.blocked(post, now))
        return twiml.goodbye(texts()["blocked"])
    queue = queue_of(post.get("To", ""))
    inbox.put(normalise.queued(post, now, queue))
    return twiml.greet(base(), texts()["welcome"], queue)


@webhook
def wait(request: HttpRequest) -> str:
    """Also ends a wait that is longer than the queue allows: the caller is told that we call back."""
    waited, queue = request.POST.get("QueueTime", ""), request.POST.get("QueueSid", "")
    row = Call.objects.filter(call=request.POST["CallSid"]).values_list("queue", flat=True).first() or queue
    most = Queue.objects.filter(name=row).values_list("max_wait_seconds", flat=True).first()
    if most and waited.isdigit() and int(waited) > most:
        return twiml.leave()
    return twiml.wait(base(), request.POST.get("QueuePosition", ""))


@webhook
def key(request: HttpRequest) -> str:
    call, now = request.POST["CallSid"], timezone.now()
    wanted = {"1": Kind.CALLBACK_ASKED, "9": Kind.EMERGENCY}.get(request.POST.get("Digits", ""))
    if wanted is None:
        return twiml.wait(base(), "")
    inbox.put([normalise.event(wanted, call, now)])
    return twiml.leave()


@webhook
def left(request: HttpRequest) -> str:
    """Out of the queue. One that was moved to an agent is answered with nothing: its new steps run already."""
    post = request.POST.dict()
    call, result = post["CallSid"], post.get("QueueResult", "")
    emergency, callback = told(call, Kind.EMERGENCY), told(call, Kind.CALLBACK_ASKED)
    inbox.put(normalise.left(post, timezone.now(), emergency or callback))
    if result.startswith("redirect") or result == "hangup":
        return twiml.nothing()
    if emergency:
        return twiml.transfer(base(), call, "110")
    return twiml.goodbye(texts()["callback" if callback else "overflow"])


@webhook
def seat(request: HttpRequest) -> str:
    """The agent's phone was answered: the caller is brought into the same conference, if still there."""
    call, leg = asked_about(request), request.POST["CallSid"]
    row = Call.objects.filter(call=call).exclude(status=Status.ENDED).first()
    if row is None or row.status == Status.TALKING:
        return twiml.goodbye("来电已经结束。")
    if not call.startswith(normalise.OUT):
        try:
            rest.bring(call, base())
        except GatewayError:
            return twiml.goodbye("来电已经结束。")
    return twiml.seat(base(), call, extension(request), leg)


@webhook
def room(request: HttpRequest) -> str:
    leg = request.GET.get("leg", "")[:80]
    inbox.put(
        normalise.in_room(request.POST.dict(), timezone.now(), asked_about(request), extension(request), leg)
    )  # fmt: skip
    return twiml.nothing()


@webhook
def leg(request: HttpRequest) -> str:
    inbox.put(normalise.leg(request.POST.dict(), timezone.now(), asked_about(request), extension(request)))
    return twiml.nothing()


@webhook
def talked(request: HttpRequest) -> str:
    """The conference is over for the caller: after an agent's talk the rating, after a transfer nothing."""
    moved = Call.objects.filter(call=request.POST["CallSid"], transfers__gt=0).exists()
    return twiml.goodbye() if moved else twiml.rate(base(), texts()["rate"])


@webhook
def rated(request: HttpRequest) -> str:
    inbox.put(normalise.rated(request.POST.dict(), timezone.now()))
    return twiml.goodbye(texts()["thanks"])


@webhook
def status(request: HttpRequest) -> str:
    inbox.put(normalise.status(request.POST.dict(), timezone.now()))
    return twiml.nothing()


@webhook
def party(request: HttpRequest) -> str:
    name = request.GET.get("party", "")[:80]
    inbox.put(normalise.party(request.POST.dict(), timezone.now(), asked_about(request), name))
    return twiml.nothing()


@webhook
def transferred(request: HttpRequest) -> str:
    post = request.POST.dict()
    queue = Call.objects.filter(call=post["CallSid"]).values_list("queue", flat=True).first() or QUEUE
    events: list[CallEvent] = normalise.transferred(post, timezone.now(), queue)
    inbox.put(events)
    if post.get("DialCallStatus") in normalise.FAILED:
        return twiml.greet(base(), "对方暂时无法接听，正在为您转回人工。", queue)
    return twiml.goodbye()


@webhook
def seat_done(request: HttpRequest) -> str:
    return twiml.goodbye()


@webhook
def recording(request: HttpRequest) -> str:
    inbox.put(normalise.recorded(request.POST.dict(), timezone.now(), asked_about(request)))
    return twiml.nothing()
