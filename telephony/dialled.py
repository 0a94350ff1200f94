"""Telephone numbers as people write them, and as a network dials them."""

from __future__ import annotations

import re

from telephony.gateways.protocol import GatewayError

#: what stands between digits on a letterhead: 0371-6610 0110, （0371）66100110
BETWEEN = re.compile(r"[\s()（）\-－—]")
#: abroad with its code, else a Chinese number: at most area and subscriber, with or without 86
NUMBER = re.compile(r"\+[0-9]{5,15}|(0086|86)?[0-9]{3,12}")
#: 66100110-801, 66100110转801: dialled in one go it would ring somebody else
EXTENSION = re.compile(r"[0-9]{7,8}\s*[-－—转][\s-]*[0-9]{1,6}\s*$")


def dialled(written: str) -> str:
    """The digits to dial; empty when what is written is not one telephone number, or one with an extension."""
    number = BETWEEN.sub("", written)
    return number if NUMBER.fullmatch(number) and not EXTENSION.search(written) else ""


def to_dial(written: str) -> str:
    """Like `dialled`; raises `GatewayError` `bad_number` instead of giving nothing."""
    number = dialled(written)
    if not number:
        raise GatewayError("bad_number", "这不是可以拨打的电话号码")
    return number
