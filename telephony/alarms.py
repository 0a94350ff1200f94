"""电话催签: the phone network's side of an alarm. Who is next, and what a result means, is ticketing's business."""

from __future__ import annotations

import logging
import re

from telephony.dialled import to_dial
from telephony.gateways.events import CallEvent, Kind
from telephony.gateways.protocol import Gateway, GatewayError
from ticketing.alarms import calls
from ticketing.models.alarms import CallState

log = logging.getLogger(__name__)
#: our calls' names begin like those of every outward call; the number is the alarm call's
_NAME = re.compile(r"out-alarm-([0-9]{1,18})")
#: refusals of a network that can ring nobody, whatever the number
_NEVER = frozenset({"demo", "unsupported"})
_told: set[str] = set()


def ring(gateway: Gateway) -> int:
    """Places the calls that wait, each once, on the first network that takes it. Returns how many ring."""
    if not (gateway.healthy and gateway.places_alarms):
        return 0
    ringing = 0
    for call in calls.waiting():
        number = calls.take(call)
        if number is None:
            continue
        try:
            gateway.alarm(to_dial(number), f"out-alarm-{call.pk}", str(call.pk))
            ringing += 1
        except GatewayError as error:
            _complain(call.pk, error.code)
            calls.report(call.pk, CallState.FAILED, error=error.code)
    return ringing


def _complain(call: int, code: str) -> None:
    """A fault of one call is told each time; that this network rings nobody, as the demo's, once and no more."""
    if code not in _NEVER:
        log.warning("alarm call %s could not be placed: %s", call, code)
    elif code not in _told:
        _told.add(code)
        log.warning("this phone network cannot ring people on duty (%s): they are told by SMS and on the desk", code)


def heard(event: CallEvent) -> None:
    """The dial plan's report: answered, and confirmed with a key or not."""
    if event.kind == Kind.ALARM_HEARD and (call := _id(event.call)) is not None:
        confirmed = bool(event.data.get("confirmed"))
        calls.report(call, CallState.CONFIRMED if confirmed else CallState.UNANSWERED, now=event.at)


def ended(name: str) -> None:
    """The call is over; without an earlier report nobody answered."""
    if (call := _id(name)) is not None:
        calls.report(call, CallState.UNANSWERED)


def _id(name: str) -> int | None:
    found = _NAME.fullmatch(name)
    return int(found.group(1)) if found else None
