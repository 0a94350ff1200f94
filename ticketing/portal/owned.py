"""Which tickets this browser has proven to own, kept in its session for two hours.

Addresses carry random tokens that mean something only together with the session; number, code and phone never stand
in an address.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest

from ticketing.intake.accept import new_query_code, query_hash
from ticketing.lifecycle.actors import Actor, citizen_actor
from ticketing.models import Ticket
from ticketing.privacy import crypto

_OWNED, _RECEIPTS = "portal.owned", "portal.receipts"
KEEP_SECONDS = 2 * 3600
MOST = 60


def _live(request: HttpRequest, name: str) -> dict[str, list[object]]:
    """token → [ticket id, until, …] of what has not run out."""
    rows = cast(dict[str, list[object]], request.session.get(name, {}))
    now = time.time()
    return {token: row for token, row in rows.items() if float(str(row[1])) > now}


def own(request: HttpRequest, ticket_ids: Iterable[int]) -> dict[int, str]:
    """Notes the proven tickets and returns their tokens."""
    rows = _live(request, _OWNED)
    known = {int(str(row[0])): token for token, row in rows.items()}
    until = time.time() + KEEP_SECONDS
    found: dict[int, str] = {}
    for pk in ticket_ids:
        token = known.get(pk) or secrets.token_urlsafe(16)
        rows[token], found[pk] = [pk, until], token
    request.session[_OWNED] = dict(sorted(rows.items(), key=lambda item: str(item[1][1]))[-MOST:])
    return found


def owned(request: HttpRequest) -> dict[int, str]:
    """ticket id → token."""
    return {int(str(row[0])): token for token, row in _live(request, _OWNED).items()}


def ticket_id(request: HttpRequest, token: str) -> int | None:
    row = _live(request, _OWNED).get(token)
    return int(str(row[0])) if row else None


def actor(request: HttpRequest) -> Actor:
    """The citizen at this browser."""
    return citizen_actor(*owned(request))


def leave(request: HttpRequest) -> None:
    """Forgets everything: the next person at this computer sees nothing."""
    for name in (_OWNED, _RECEIPTS, "portal.phone"):
        request.session.pop(name, None)
    request.session.cycle_key()


@dataclass(frozen=True)
class Receipt:
    ticket: Ticket
    code: str
    track_token: str


def remember_receipt(request: HttpRequest, token: str, ticket: Ticket, code: str) -> None:
    """Keeps the query code, sealed, so that the receipt can be shown and printed again for a while."""
    rows = _live(request, _RECEIPTS)
    rows[token] = [ticket.pk, time.time() + KEEP_SECONDS, crypto.seal(code)]
    request.session[_RECEIPTS] = dict(list(rows.items())[-10:])
    own(request, [ticket.pk])


def receipt(request: HttpRequest, token: str) -> Receipt | None:
    """The receipt; a code that is no longer the ticket's (the form was sent twice at once) is replaced by a new one."""
    row = _live(request, _RECEIPTS).get(token)
    ticket = Ticket.objects.filter(pk=int(str(row[0]))).first() if row else None
    if row is None or ticket is None:
        return None
    code = crypto.open_box(str(row[2])) if row[2] else ""
    if not code or query_hash(ticket.number, code) != ticket.query_hash:
        code = new_query_code(ticket)
        remember_receipt(request, token, ticket, code)
    return Receipt(ticket, code, own(request, [ticket.pk])[ticket.pk])
