"""The provider as a gateway: what the webhooks put into the inbox comes out as events, what is asked goes by REST."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from django.conf import settings

from directory.models import Seat
from telephony.gateways.events import CallEvent, Kind
from telephony.gateways.outside.gateway import OutsideGateway, phone_of
from telephony.gateways.protocol import GatewayError, Unsupported
from telephony.gateways.twilio import rest
from telephony.gateways.twilio.normalise import OVER
from telephony.gateways.twilio.views import base
from telephony.models import Call, Transfer, TransferMode, TransferOutcome, Trunk
from telephony.recordings.intake import spool

log = logging.getLogger(__name__)
DOWNLOAD_AGAIN_SECONDS = 30.0


class TwilioGateway(OutsideGateway):
    """One account. The seat's phone is rung by us; caller and seat meet in a conference."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.numbers: dict[str, str] = {}  # a call that we place → the citizen's number, until the agent is there
        self.parties: dict[str, str] = {}  # party → its CallSid
        self.fetching: dict[str, float] = {}  # RecordingSid → not again before
        self.fetched: set[str] = set()

    def alive(self, call: Call) -> bool:
        if not call.call.startswith("CA"):
            return bool(call.leg)
        try:
            return rest.status(call.call) not in OVER
        except GatewayError as error:
            log.warning("a call could not be looked up: %s", error.code)
            return True

    # --- events ------------------------------------------------------------------------------------------------------
    def before(self, event: CallEvent) -> CallEvent | None:
        if event.kind == Kind.RECORDING and event.data.get("state") == "ready":
            return self._fetched(event)
        if event.kind == Kind.PARTY_JOINED and self._attended(event.leg):
            return replace(event, kind=Kind.CONSULTED)
        if event.kind == Kind.LEG_ENDED:
            return replace(event, data={"by": "transfer" if self.intents.get(event.call) == "transfer" else "agent"})
        return event

    def follow(self, event: CallEvent) -> None:
        super().follow(event)
        if event.kind in (Kind.PARTY_JOINED, Kind.CONSULTED):
            self.parties[event.leg] = str(event.data.get("sid", ""))
        elif event.kind == Kind.TRANSFER_FAILED and self._attended(event.leg):
            self.later(partial(rest.hold, event.call, False))
        elif event.kind == Kind.CONNECTED and event.call in self.numbers:
            number = self.numbers.pop(event.call)
            self.later(partial(rest.add, event.call, number, sender(event.call), base(), f"citizen-{event.call}"))
        elif event.kind == Kind.LEG_ENDED and self._handed_over(event.call):
            self.tell(Kind.TRANSFERRED, event.call, event.leg)
        elif event.kind == Kind.ENDED:
            self.intents.pop(event.call, None)

    def _attended(self, party: str) -> bool:
        return bool(party) and Transfer.objects.filter(party=party, mode=TransferMode.ATTENDED).exists()

    def _handed_over(self, call: str) -> bool:
        """The agent left after a consultation; a third party in an open talk is counted by its presence."""
        rows = Transfer.objects.filter(call__call=call, mode=TransferMode.ATTENDED, outcome=TransferOutcome.JOINED)
        return self.intents.get(call) == "transfer" and rows.exists()

    def _fetched(self, event: CallEvent) -> CallEvent | None:
        """Holds the event back until the sound is here: only then is the call recorded, for us."""
        sid = str(event.data.get("sid", ""))
        if sid in self.fetched:
            self.fetched.discard(sid)
            return replace(event, data={"state": "started", "sid": sid})
        if time.monotonic() >= self.fetching.get(sid, 0):
            self.fetching[sid] = time.monotonic() + DOWNLOAD_AGAIN_SECONDS
            self.later(partial(_keep, event.call, sid), self.fetched.add)
        return None

    # --- what is asked -----------------------------------------------------------------------------------------------
    def ringing(self, call: str, seat: str) -> Callable[[], str]:
        return partial(rest.ring, phone_of(seat), sender(call), call, seat, base())

    def ending(self, leg: str) -> Callable[[], str]:
        if leg.startswith("CA"):
            return partial(rest.hang_up, leg)
        row = Transfer.objects.select_related("call").filter(party=leg).first()
        if row is None:
            raise GatewayError("no_party", "该方不在通话中")
        return partial(rest.drop, row.call.call, self.parties.get(leg) or leg)

    def intend(self, channel: str, intent: str) -> None:
        """`transfer`: the agent may leave and the others stay; a caller on hold hears them again."""
        if intent == "transfer":
            for leg in [leg for leg, call in self.legs.items() if call == channel]:
                rest.let_go(channel, leg)
                rest.hold(channel, False)
        super().intend(channel, intent)

    def originate(self, seat: str, number: str, call: str) -> None:
        """The agent's phone first; once there, the citizen is rung into the conference."""
        leg = rest.ring(phone_of(seat), sender(call), call, seat, base())
        self.numbers[call] = number
        self.legs[leg] = call
        self.tell(Kind.OUTBOUND, call, "", number=number, data={"channel": call, "purpose": "callback"})
        self.tell(Kind.RINGING, call, leg, seat=seat, leg=leg)

    def blind(self, leg: str, target: str) -> None:
        call = self.call_of(leg)
        rest.blind(call, dialled(target), base())
        self.later(self.ending(leg))

    def attended(self, leg: str, target: str) -> None:
        """The caller hears music while agent and other side talk."""
        call = self.call_of(leg)
        row = Transfer.objects.filter(call__call=call, mode=TransferMode.ATTENDED).order_by("-id").first()
        if row is None:
            raise GatewayError("no_transfer", "没有进行中的转接")
        rest.hold(call, True)
        try:
            rest.add(call, dialled(target), sender(call), base(), row.party)
        except GatewayError:
            rest.hold(call, False)
            raise

    def cancel_attended(self, leg: str) -> None:
        call = self.call_of(leg)
        row = Transfer.objects.filter(call__call=call, mode=TransferMode.ATTENDED).order_by("-id").first()
        if row is not None:
            rest.drop(call, self.parties.get(row.party) or row.party)
        rest.hold(call, False)

    def add_party(self, channel: str, target: str, party: str, call: str) -> None:
        rest.add(call, dialled(target), sender(call), base(), party)

    def record(self, channel: str, on: bool) -> None:
        rest.recording(channel, on)

    def spy(self, supervisor: str, leg: str, mode: str, call: str) -> None:
        call, phone = self.call_of(leg), phone_of(supervisor)
        ways: dict[str, dict[str, object]] = {
            "listen": {"muted": True},
            "whisper": {"coaching": True, "call_sid_to_coach": leg},
            "barge": {},
        }
        if mode not in ways:
            raise GatewayError("bad_mode", "监听方式只接受：listen、whisper、barge")
        rest.add(call, phone, sender(call), base(), f"leader-{supervisor}", **ways[mode])


def sender(call: str) -> str:
    """The number shown to whom we ring: the setting, else the line that was called."""
    line = Call.objects.filter(call=call).values_list("line", flat=True).first()
    found = settings.TWILIO_NUMBER or line or ""
    if not found:
        raise GatewayError("not_set_up", "未配置 TWILIO_NUMBER（我方主叫号码）")
    return str(found)


def dialled(target: str) -> str:
    """A peer's number, a seat's own phone for a colleague's extension, else the number itself."""
    if target.startswith("queue:"):
        raise Unsupported("转队列")
    target = target.removeprefix("tel:")
    if target.startswith("peer-"):
        number = Trunk.objects.filter(name=target.removeprefix("peer-"), kind="peer", active=True)
        found = number.values_list("number", flat=True).first()
        if not found:
            raise GatewayError("bad_target", "没有这个平台")
        return found
    return Seat.objects.filter(number=target).exclude(phone="").values_list("phone", flat=True).first() or target


def _keep(call: str, sid: str) -> str:
    folder = spool()
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{call}.{sid}"
    draft.write_bytes(rest.download(sid))
    draft.chmod(0o600)
    draft.replace(folder / f"{call}.wav")
    return sid
