"""满意度回访 by robot on the phone system itself: at decent hours, a few at a time, answers into the lifecycle."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings

from telephony.callbacks import decent, next_owed
from telephony.calls.state import CallState
from telephony.dialled import to_dial
from telephony.gateways.events import CallEvent, Kind
from telephony.gateways.protocol import Gateway, GatewayError
from telephony.gateways.sip.talk import Result
from telephony.models import CallbackRequest, CallbackState, Trunk
from telephony.surveys import conclude, owe
from ticketing.privacy.crypto import open_box

log = logging.getLogger(__name__)
LOOK = timedelta(seconds=5)
LATER = timedelta(minutes=10)  # the line itself failed: no try of the citizen's
PREFIX = "survey-"


class Robot:
    """HOTLINE_SURVEY_CALLS robot calls at once; by default two when there is a carrier to call through, else none."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._looked: datetime | None = None

    @property
    def most(self) -> int:
        carrier = Trunk.objects.filter(kind="carrier", active=True).exclude(host="")
        own = settings.PHONE_GATEWAY == "asterisk" and carrier.exists()  # a bare SIP account has `sip_robot`
        return int(settings.ENV.number("SURVEY_CALLS", 2 if own else 0, low=0, high=100))

    def tick(self, now: datetime) -> None:
        if self._looked is not None and now - self._looked < LOOK:
            return
        self._looked = now
        most = self.most
        if not most or not self.gateway.healthy or decent(now) != now:
            return
        owe(now)
        busy = CallbackRequest.objects.filter(
            kind="survey", state=CallbackState.TAKEN, lease_until__gt=now, dialled__startswith=PREFIX
        ).count()
        for _ in range(most - busy):
            row = next_owed(None, now, kinds=("survey",))
            if row is None:
                return
            self.ring(row, now)

    def ring(self, row: CallbackRequest, now: datetime) -> None:
        row.dialled = f"{PREFIX}{uuid.uuid4().hex}"
        row.save(update_fields=["dialled"])
        try:
            self.gateway.survey(to_dial(open_box(row.number_box)), row.dialled, str(row.pk))
        except GatewayError as error:
            log.warning("survey %s: %s", row.pk, error)
            self.put_back(row, now)

    def put_back(self, row: CallbackRequest, now: datetime) -> None:
        row.state, row.tries, row.lease_until = CallbackState.WAITING, max(0, row.tries - 1), None
        row.not_before = decent(now + LATER)
        row.save(update_fields=["state", "tries", "lease_until", "not_before"])

    def on_call(self, event: CallEvent) -> None:
        """A key that was pressed, or an end without one."""
        if not event.call.startswith(PREFIX) or event.kind not in (Kind.RATED, Kind.ENDED, Kind.END_UNKNOWN):
            return
        row = CallbackRequest.objects.filter(dialled=event.call, state=CallbackState.TAKEN).first()
        if row is None:
            return
        level = event.data.get("level")
        heard = event.kind == Kind.RATED
        key = str(level) if heard and isinstance(level, int) and level >= 0 else ""
        outcome = conclude(row, Result(reached=heard, key=key), event.at)
        log.info("survey %s: %s", row.pk, outcome)


def is_robot(state: CallState) -> bool:
    return state.call.startswith(PREFIX)
