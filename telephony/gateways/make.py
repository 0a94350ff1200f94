"""The one place where a gateway is chosen and built, from settings."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from telephony.ami import Address
from telephony.gateways.protocol import Gateway
from telephony.secret import manager_secret

SERVED = ("asterisk", "twilio", "sip", "demo")


class BadGateway(ValueError):
    """The settings name no usable phone network."""


def address() -> Address:
    """ASTERISK_AMI_URL, or the Asterisk of `scripts/asterisk` on this machine."""
    if settings.ASTERISK_AMI_URL:
        return Address.parse(settings.ASTERISK_AMI_URL)
    port = int(os.environ.get("HOTLINE_AMI_PORT", "5038"))
    return Address("127.0.0.1", port, "hotline", manager_secret())


def make(
    name: str, node: str, *, scene: str = "quiet", record: Path | None = None, replay: Path | None = None,
    speed: float = 1.0,
) -> Gateway:  # fmt: skip
    """The gateway `name`. `record`: Asterisk's events go into a file; `replay`: the demo plays such a file."""
    if record and name != "asterisk":
        raise BadGateway("--record writes the events of the gateway asterisk; nothing else has such a log")
    if replay and name != "demo":
        raise BadGateway("--replay is for the gateway demo: recorded calls are never mixed with real ones")
    if name == "asterisk":
        return _asterisk(node, record)
    if name == "demo":
        return _demo(node, scene, replay, speed)
    if name == "twilio":
        from telephony.gateways.twilio.gateway import TwilioGateway

        return TwilioGateway(node)
    if name == "sip":
        from telephony.gateways.sip.gateway import SipGateway

        return SipGateway(node)
    raise BadGateway(f"the bridge serves the gateways {', '.join(SERVED)}, not {name!r}: see docs/telephony.md")


def _asterisk(node: str, record: Path | None) -> Gateway:
    from telephony.gateways.asterisk import AsteriskGateway
    from telephony.gateways.asterisk.log import Recorder

    try:
        return AsteriskGateway(node, address(), Recorder(record) if record else None)
    except OSError as error:
        raise BadGateway(f"{record}: cannot be written ({error.strerror})") from error


def _demo(node: str, scene: str, replay: Path | None, speed: float) -> Gateway:
    from telephony.gateways.asterisk.log import BadLog
    from telephony.gateways.demo import DemoGateway
    from telephony.gateways.replay import ReplayGateway

    if replay is None:
        return DemoGateway(node, scene)
    if not 0.01 <= speed <= 1000:
        raise BadGateway("--speed accepts 0.01 to 1000")
    try:
        return ReplayGateway(node, replay, speed=speed)
    except BadLog as error:
        raise BadGateway(str(error)) from error
