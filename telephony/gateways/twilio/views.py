"""The webhooks: check the signature, write what happened, answer TwiML. Twilio's side of the bridge runs in here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from telephony.asterisk_config.prompts import texts
from telephony.bridge.ended import settle_ended
from telephony.calls.state import Status
from telephony.calls.store import append
from telephony.gateways.events import CallEvent
from telephony.gateways.twilio import normalise, twiml
from telephony.gateways.twilio.signature import genuine
from telephony.models import Call, NuisanceCaller, SeatState
from ticketing.privacy.crypto import keyed_hash

QUEUE = "normal"
View = Callable[[HttpRequest], str]


def webhook(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Signed POSTs only; anything else is 403 and nothing happens. A webhook told twice is harmless."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponse:
        if not genuine(request) or not request.POST.get("CallSid"):
            return HttpResponseForbidden("signature")
        return HttpResponse(view(request), content_type="text/xml; charset=utf-8")

    return inner


def base() -> str:
    return f"{str(settings.PUBLIC_URL).rstrip('/')}/console/twilio/"


def write(events: list[CallEvent]) -> None:
    for state in append(events, {}):
        if not state.open:
            settle_ended(state)


@webhook
def voice(request: HttpRequest) -> str:
    post, now = request.POST.dict(), timezone.now()
    if NuisanceCaller.objects.filter(
        number_hash=keyed_hash("phone", post.get("From", "")), review_on__gte=timezone.localdate()
    ).exists():
        return twiml.goodbye("您的号码因多次骚扰已被限制，如有紧急情况请拨打一一零。")
    write(normalise.arrived(post, now, QUEUE))
    return twiml.greet(base(), texts()["welcome"], QUEUE)


@webhook
def wait(request: HttpRequest) -> str:
    return twiml.wait(base(), request.POST.get("QueuePosition", ""))


@webhook
def key(request: HttpRequest) -> str:
    return twiml.leave() if request.POST.get("Digits") == "1" else twiml.wait(base(), "")


@webhook
def left(request: HttpRequest) -> str:
    post = request.POST.dict()
    write(normalise.left(post, timezone.now()))
    if post.get("QueueResult") == "bridged":
        return twiml.rate(base(), texts()["rate"])
    return twiml.goodbye(texts()["callback"] if post.get("QueueResult") == "leave" else texts()["overflow"])


def extension(request: HttpRequest) -> str:
    """The seat named in the address; the signature covers the address too."""
    given = request.GET.get("seat", "")
    return given if given.isdigit() and len(given) <= 8 else ""


@webhook
def seat(request: HttpRequest) -> str:
    """The agent's leg asks what to do: take the first caller."""
    return twiml.seat(QUEUE, base(), extension(request))


@webhook
def connected(request: HttpRequest) -> str:
    post, taken = request.POST.dict(), extension(request)
    write(normalise.connected(post, timezone.now(), taken))
    row = SeatState.objects.filter(extension=taken).first() if taken else None
    if row is not None and row.staff_id:
        Call.objects.filter(node=normalise.NODE, call=post["CallSid"]).update(staff_id=row.staff_id)
    return twiml.connected()


@webhook
def rated(request: HttpRequest) -> str:
    write(normalise.rated(request.POST.dict(), timezone.now()))
    return twiml.goodbye(texts()["thanks"])


@webhook
def status(request: HttpRequest) -> str:
    events = normalise.status(request.POST.dict(), timezone.now())
    known = Call.objects.filter(node=normalise.NODE, call=request.POST["CallSid"]).exclude(status=Status.ENDED)
    if events and known.exists():
        write(events)
    return twiml.connected()


@webhook
def transferred(request: HttpRequest) -> str:
    post = request.POST.dict()
    write(normalise.transferred(post, timezone.now()))
    if post.get("DialCallStatus") in normalise.FAILED:
        return twiml.greet(base(), "对方暂时无法接听，正在为您转回人工。", QUEUE)
    return twiml.goodbye()


@webhook
def seat_done(request: HttpRequest) -> str:
    return twiml.goodbye()


@webhook
def recording(request: HttpRequest) -> str:
    write(normalise.recorded(request.POST.dict(), timezone.now()))
    return twiml.connected()
