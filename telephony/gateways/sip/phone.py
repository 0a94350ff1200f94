"""The pyVoIP phone, with the corrections that it needs; see docs/telephony.md."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from telephony.gateways.sip.account import Account

#: requests that are answered with 200 and have no other effect
HARMLESS = ("OPTIONS", "NOTIFY")


class NoSipPackage(RuntimeError):
    """pyVoIP is not installed: requirements/sip.in is an optional extra because of its licence (GPLv3)."""


def open_phone(account: Account, *, register_seconds: float = 10, incoming: Callable[[Any], None] | None = None) -> Any:
    """A registered phone; without `incoming` whoever calls it hears busy.

    Raises `NoSipPackage`, or `TimeoutError` when the provider does not let us in.
    """
    try:
        from pyVoIP.VoIP import PhoneStatus, VoIPPhone
    except ImportError as error:
        raise NoSipPackage("install requirements/sip.in for the SIP account") from error
    mend()
    phone = VoIPPhone(
        account.host, account.port, account.user, account.password, myIP=account.own_address,
        callCallback=incoming, sipPort=account.own_port, rtpPortLow=24000, rtpPortHigh=24100,
    )  # fmt: skip
    phone.start()
    end = time.monotonic() + register_seconds
    while phone.get_status() != PhoneStatus.REGISTERED:
        if time.monotonic() > end:
            phone.stop()
            raise TimeoutError(f"the SIP account {account.user} was not registered within {register_seconds} s")
        time.sleep(0.1)
    return phone


def mend() -> None:
    """Two corrections of pyVoIP 1.6.

    It acknowledges an answer with a To tag of its own, and the far side drops such a call after 32 s. And OPTIONS, by
    which a provider looks whether we live, is not answered and breaks a call that is being placed at that moment.
    """
    import pyVoIP
    from pyVoIP import SIP

    pyVoIP.SIPCompatibleMethods += [name for name in HARMLESS if name not in pyVoIP.SIPCompatibleMethods]
    client: Any = SIP.SIPClient
    if getattr(client, "hotline_tag_kept", False):
        return
    original_parse = client.parse_message

    def parse_message(self: Any, message: Any) -> None:
        """An OPTIONS that nobody answers looks like a dead phone: no call would come any more."""
        if message.type == SIP.SIPMessageType.MESSAGE and message.method in HARMLESS:
            self.out.sendto(self.gen_ok(message).encode("utf8"), (self.server, self.port))
            return
        original_parse(self, message)

    client.parse_message = parse_message
    original = client.gen_ack

    def gen_ack(self: Any, request: Any) -> str:
        text = str(original(self, request))
        wanted = request.headers.get("To", {}).get("tag", "")
        if not wanted:
            return text
        lines = [
            f"{line.split(';tag=')[0]};tag={wanted}" if line.startswith("To:") else line for line in text.split("\r\n")
        ]
        return "\r\n".join(lines)

    client.gen_ack = gen_ack
    client.hotline_tag_kept = True
