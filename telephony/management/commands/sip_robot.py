"""`manage.py sip_robot`: automatic satisfaction call-backs over a bare SIP account, in a process of their own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from telephony.asterisk_config import prompts
from telephony.callbacks import next_owed
from telephony.gateways.sip.account import Account
from telephony.gateways.sip.phone import NoSipPackage, open_phone
from telephony.gateways.sip.talk import Result, converse, sound
from telephony.surveys import conclude, owe
from ticketing.privacy.crypto import open_box


class Command(BaseCommand):
    help = "自动满意度回访：播放提示音并收取按键"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="处理完已到期的回访后退出")
        parser.add_argument("--any-hour", action="store_true", help="不看时段（仅用于测试线路）")
        parser.add_argument("--own-address", default="127.0.0.1")
        parser.add_argument("--own-port", type=int, default=5070)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            account = Account.parse(settings.ENV.text("SIP_URL"), options["own_address"], options["own_port"])
            phone = open_phone(account)
        except (ValueError, NoSipPackage, TimeoutError) as error:
            raise CommandError(str(error)) from error
        folder = Path(settings.DATA) / "prompts"
        prompts.make(folder)
        spoken = sound(folder / "survey.wav")
        try:
            while True:
                owe(timezone.now(), any_hour=options["any_hour"])
                row = next_owed(None, timezone.now(), kinds=("survey",))
                if row is not None:
                    result = ask(phone, open_box(row.number_box), spoken)
                    self.stdout.write(f"survey {row.pk}: {conclude(row, result, timezone.now())}")
                elif options["once"]:
                    return
                else:
                    time.sleep(5)
        finally:
            phone.stop()


def ask(phone: Any, number: str, spoken: bytes) -> Result:
    try:
        return converse(phone.call(number), spoken)
    except Exception as error:  # pyVoIP raises bare exceptions for a line that is busy or a socket that is gone
        return Result(False, reason=type(error).__name__)
