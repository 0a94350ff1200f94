"""Without a link every verb of the gateway says so in the gateway's own words: nothing else may end the bridge."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from telephony.ami import Address
from telephony.gateways.asterisk.gateway import AsteriskGateway
from telephony.gateways.protocol import GatewayError

VERBS: dict[str, Callable[[AsteriskGateway], object]] = {
    "log_in": lambda gateway: gateway.log_in("8001", "x" * 24, ["normal"]),
    "join": lambda gateway: gateway.join("8001", ["normal"]),
    "log_out": lambda gateway: gateway.log_out("8001"),
    "pause": lambda gateway: gateway.pause("8001", True, "break"),
    "block": lambda gateway: gateway.block("13800000001", True),
    "unblock": lambda gateway: gateway.block("13800000001", False),
    "spy": lambda gateway: gateway.spy("8001", "PJSIP/x", "listen", "c1"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_broken_link_is_told_as_one(verb: str) -> None:
    gateway = AsteriskGateway("default", Address.parse("ami://hotline:secret@127.0.0.1:1"))
    with pytest.raises(GatewayError) as told:
        VERBS[verb](gateway)
    assert (told.value.code, told.value.retry) == ("link_down", True)
