"""Telephone numbers as people write them, and as a network dials them."""

from __future__ import annotations

import re

from telephony.gateways.protocol import GatewayError

#: what stands between digits on a letterhead: 0371-6610 0110, （0371）66100110
BETWEEN = re.compile(r"[\s()（）\-－—]")
NUMBER = re.compile(r"\+?[0-9]{3,20}")


def dialled(written: str) -> str:
    """The digits to dial; empty when what is written is not one telephone number."""
    number = BETWEEN.sub("", written)
    return number if NUMBER.fullmatch(number) else ""


def to_dial(written: str) -> str:
    """Like `dialled`; raises `GatewayError` `bad_number` instead of giving nothing."""
    number = dialled(written)
    if not number:
        raise GatewayError("bad_number", "这不是可以拨打的电话号码")
    return number
