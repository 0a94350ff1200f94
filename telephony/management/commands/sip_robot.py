"""`manage.py sip_robot`: a bare SIP account in a process of its own: satisfaction call-backs, a site's one line."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from telephony.asterisk_config import prompts
from telephony.callbacks import next_owed
from telephony.gateways.events import CallEvent
from telephony.gateways.outside import inbox
from telephony.gateways.sip.account import Account
from telephony.gateways.sip.gateway import LINE
from telephony.gateways.sip.line import Line, Sounds
from telephony.gateways.sip.phone import NoSipPackage, open_phone
from telephony.gateways.sip.talk import Late, Result, converse, sound
from telephony.models import NuisanceCaller, OrderState
from telephony.seats import orders
from telephony.surveys import conclude, owe
from ticketing.alarms import calls
from ticketing.models.alarms import CallState
from ticketing.privacy.crypto import keyed_hash, open_box

SURVEY_SECONDS, ORDER_SECONDS = 5.0, 0.1


class Command(BaseCommand):
    help = "SIP 账号：自动满意度回访、紧急工单电话催签；--line 另接听一条来电线路并转到座席话机"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="处理完已到期的回访后退出")
        parser.add_argument("--line", action="store_true", help="接听来电，转到 bridge（网关 sip）选出的座席话机")
        parser.add_argument("--any-hour", action="store_true", help="不看时段（仅用于测试线路）")
        parser.add_argument("--own-address", default="127.0.0.1")
        parser.add_argument("--own-port", type=int, default=5070)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"] and options["line"]:
            raise CommandError("--once answers no calls: leave it out with --line")
        folder = Path(settings.DATA) / "prompts"
        try:
            prompts.make(folder)
            account = Account.parse(settings.ENV.text("SIP_URL"), options["own_address"], options["own_port"])
            line, phone = start(account, folder, answers=options["line"])
        except (ValueError, NoSipPackage, TimeoutError, prompts.NoSpeechEngine) as error:
            raise CommandError(str(error)) from error
        stopped = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        try:
            spoken = sound(folder / "survey.wav"), sound(folder / "alarm.wav")
            self.work(line, phone, *spoken, stopped, options)
        finally:
            phone.stop()

    def work(
        self, line: Line, phone: Any, spoken: bytes, alarm: bytes, stopped: threading.Event, options: dict[str, Any]
    ) -> None:
        late, next_survey = Late(), 0.0
        while not stopped.is_set():
            obey(line)
            late.sweep()
            line.late.sweep()
            if time.monotonic() >= next_survey and line.taken.acquire(blocking=False):
                try:
                    asked = ring(phone, alarm, late) or self.survey(phone, spoken, late, any_hour=options["any_hour"])
                finally:
                    line.taken.release()
                if not asked and options["once"]:
                    return
                next_survey = 0.0 if asked else time.monotonic() + SURVEY_SECONDS
            stopped.wait(ORDER_SECONDS)

    def survey(self, phone: Any, spoken: bytes, late: Late, *, any_hour: bool) -> bool:
        """One call-back, if one is due; the line is ours meanwhile."""
        owe(timezone.now(), any_hour=any_hour)
        row = next_owed(None, timezone.now(), kinds=("survey",))
        if row is None:
            return False
        result = ask(phone, open_box(row.number_box), spoken, late)
        self.stdout.write(f"survey {row.pk}: {conclude(row, result, timezone.now())} {result.reason}".rstrip())
        return True


def ring(phone: Any, spoken: bytes, late: Late) -> bool:
    """One call of an alarm (电话催签), before any survey. False when none waits."""
    for call in calls.waiting():
        number = calls.take(call)
        if number is not None:
            result = ask(phone, number, spoken, late)
            calls.report(call.pk, CallState.CONFIRMED if result.key == "1" else CallState.UNANSWERED)
            return True
    return False


def start(account: Account, folder: Path, *, answers: bool) -> tuple[Line, Any]:
    """The registered phone and the line on it."""
    names = ("welcome", "rate", "thanks")
    line = Line(lambda to: phone.call(to), tell, Sounds(*(sound(folder / f"{name}.wav") for name in names)),
                refused=refused)  # fmt: skip
    phone = open_phone(account, incoming=line.incoming if answers else None)
    return line, phone


def tell(events: list[CallEvent]) -> None:
    """Runs in the phone's own threads."""
    try:
        inbox.put(events)
    finally:
        close_old_connections()


def refused(number: str) -> bool:
    try:
        rows = NuisanceCaller.objects.filter(
            number_hash=keyed_hash("phone", number), review_on__gte=timezone.localdate()
        )
        return bool(number) and rows.exists()
    finally:
        close_old_connections()


def obey(line: Line) -> None:
    for order in orders.waiting(LINE):
        if orders.take(order):
            line.order(order.action, orders.content(order), order.seat)
            orders.settle(order, OrderState.DONE)


def ask(phone: Any, number: str, spoken: bytes, late: Late) -> Result:
    try:
        call = phone.call(number)
        result = converse(call, spoken)
        late.add(call)
        return result
    except Exception as error:  # pyVoIP raises bare exceptions for a line that is busy or a socket that is gone
        return Result(False, reason=type(error).__name__)
