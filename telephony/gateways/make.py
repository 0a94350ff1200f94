"""The one place where a gateway is chosen and built, from settings."""

from __future__ import annotations

import os

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


def make(name: str, node: str, *, scene: str = "quiet") -> Gateway:
    if name == "asterisk":
        from telephony.gateways.asterisk import AsteriskGateway

        return AsteriskGateway(node, address())
    if name == "demo":
        from telephony.gateways.demo import DemoGateway

        return DemoGateway(node, scene)
    if name == "twilio":
        from telephony.gateways.twilio.gateway import TwilioGateway

        return TwilioGateway(node)
    if name == "sip":
        from telephony.gateways.sip.gateway import SipGateway

        return SipGateway(node)
    raise BadGateway(f"the bridge serves the gateways {', '.join(SERVED)}, not {name!r}: see docs/telephony.md")
