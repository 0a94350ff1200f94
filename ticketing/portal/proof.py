"""Proving ownership by number and query code, with a brake on guessing."""

from __future__ import annotations

import hmac

from ticketing.errors import RuleBroken
from ticketing.intake.accept import query_hash
from ticketing.models import Ticket

from .throttle import WRONG_CODES, WRONG_FROM_HERE

WRONG = "编号或查询码不对，请对照回执再填一次"
WAIT = "输错次数太多，请一小时后再试，或拨打 12345 由人工查询"


def by_code(number: str, code: str, address: str) -> Ticket | None:
    """The ticket, or None: a wrong number and a wrong code look alike. Raises `RuleBroken` after too many tries."""
    if WRONG_CODES.reached(number) or WRONG_FROM_HERE.reached(address):
        raise RuleBroken(WAIT, rule="guessing")
    ticket = Ticket.objects.filter(number=number).first()
    expected = ticket.query_hash if ticket is not None else ""
    given = query_hash(number or "0", code or "0")
    if ticket is not None and expected and hmac.compare_digest(expected, given):
        return ticket
    WRONG_CODES.count(number)
    WRONG_FROM_HERE.count(address)
    return None
