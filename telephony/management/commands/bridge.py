"""`manage.py bridge`: the process between the phone system and the hotline. One per node; the only writer of calls."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from telephony.bridge import Bridge
from telephony.gateways.demo import SCENES
from telephony.gateways.make import BadGateway, make


class Command(BaseCommand):
    help = "连接电话系统：通话与座席状态的唯一写入者"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--node", default="default", help="节点名，与 Asterisk 的 systemname 一致")
        parser.add_argument("--gateway", default=settings.PHONE_GATEWAY)
        parser.add_argument("--scene", default="quiet", choices=list(SCENES), help="演示网关的场景")
        parser.add_argument("--record", default="", metavar="FILE", help="把 Asterisk 的事件写入文件，号码已替换")
        parser.add_argument("--replay", default="", metavar="FILE", help="演示网关回放该文件，而不是编造来电")
        parser.add_argument("--speed", type=float, default=1.0, help="回放的倍速")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            gateway = make(
                options["gateway"], options["node"], scene=options["scene"], record=path(options["record"]),
                replay=path(options["replay"]), speed=options["speed"],
            )  # fmt: skip
        except BadGateway as error:
            raise CommandError(str(error)) from error
        bridge = Bridge(gateway)

        def stop(*_: object) -> None:
            bridge.stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        self.stdout.write(f"bridge: node {options['node']}, gateway {options['gateway']}")
        bridge.run()


def path(text: str) -> Path | None:
    return Path(text) if text else None
