"""Numbers as people write them become what a network dials, or nothing: never somebody else's number."""

from __future__ import annotations

import pytest

from telephony.dialled import dialled, to_dial
from telephony.gateways.protocol import GatewayError


@pytest.mark.parametrize(
    ("written", "number"),
    [("0371-6610 0110", "037166100110"), ("（0371）66100110", "037166100110"), ("138-0000-1111", "13800001111"),
     ("+86 138 0000 1111", "+8613800001111"), ("86-371-66100110", "8637166100110"), ("110", "110"), ("8001", "8001")],
)  # fmt: skip
def test_what_is_dialled(written: str, number: str) -> None:
    assert dialled(written) == to_dial(written) == number


@pytest.mark.parametrize(
    "written",
    ["", "值班室", "0371-66100110-801", "66100110转801", "66100110 - 8", "0371-66100110 66100111", "110/120", "1+2345"],
)
def test_what_is_not(written: str) -> None:
    assert dialled(written) == ""
    with pytest.raises(GatewayError):
        to_dial(written)
