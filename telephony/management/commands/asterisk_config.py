"""`manage.py asterisk_config`: writes Asterisk's configuration from the directory, and its prompts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from telephony.asterisk_config import prompts, render
from telephony.asterisk_config.from_directory import Nat, site
from telephony.asterisk_config.site import BadSite, Ports


class Command(BaseCommand):
    help = "由目录生成 Asterisk 配置与语音提示"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", required=True, help="该节点的文件夹")
        parser.add_argument("--seen-as", default="", help="Asterisk 自己看到的路径（chroot 时不同）")
        parser.add_argument("--modules", default="", help="模块文件夹")
        parser.add_argument("--node", default="default")
        parser.add_argument(
            "--trial", type=int, default=0, help="另加若干试用座席（1001 起）与回环中继，仅供开发与测试"
        )
        parser.add_argument("--trial-net", default="127.0", help="试用中继与座席所在的回环网段（前两段）")
        parser.add_argument("--recordings", default="", help="替换合成语音的录音文件夹")

    def handle(self, *args: Any, **options: Any) -> None:
        out = Path(options["out"])
        try:
            description = site(
                node=options["node"], home=options["seen_as"] or str(out.resolve()), modules=options["modules"],
                ports=ports(), trial=options["trial"], net=options["trial_net"], nat=nat(),
            )  # fmt: skip
            changed = render.write(description, out)
        except (BadSite, FileExistsError, ValueError) as error:
            raise CommandError(str(error)) from error
        try:
            made = prompts.make(out / "sounds", Path(options["recordings"]) if options["recordings"] else None)
        except prompts.NoSpeechEngine as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"asterisk_config: {len(changed)} files changed, {len(made)} prompts made in {out}")


def nat() -> Nat:
    return Nat(
        external_address=settings.ENV.text("PHONE_EXTERNAL_ADDRESS"),
        local_nets=tuple(settings.ENV.items("PHONE_LOCAL_NETS")),
        stun=settings.ENV.text("PHONE_STUN"),
        turn=settings.ENV.text("PHONE_TURN"),
        turn_user=settings.ENV.text("TURN_USER"),
        turn_password=settings.ENV.text("TURN_PASSWORD"),
    )


def ports() -> Ports:
    value = {name: int(os.environ.get(f"HOTLINE_{name}", default)) for name, default in DEFAULTS.items()}
    return Ports(
        sip=value["SIP_PORT"], ami=value["AMI_PORT"], http=value["PHONE_PORT"], rtp_start=value["RTP_START"],
        rtp_end=value["RTP_END"] or value["RTP_START"] + 999, bind=os.environ.get("HOTLINE_PHONE_BIND", "127.0.0.1"),
        # who serves pages to other machines gives their phones sound
        sound=os.environ.get("HOTLINE_PHONE_SOUND_BIND") or settings.BIND,
        inside=os.environ.get("HOTLINE_PHONE_INSIDE_BIND", "127.0.0.1"),
    )  # fmt: skip


DEFAULTS = {"SIP_PORT": 5060, "AMI_PORT": 5038, "PHONE_PORT": 8088, "RTP_START": 20000, "RTP_END": 0}
