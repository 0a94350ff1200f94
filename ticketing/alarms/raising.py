"""An alarm begins: in the transaction in which the sign clock of an urgent share runs out."""

from __future__ import annotations

from ticketing.lifecycle.case import Case
from ticketing.models import Alarm, Clock
from ticketing.terms import Urgency


def raise_alarm(case: Case, clock: Clock) -> None:
    """Only for urgent matters (DOMAIN: an unsigned gas leak never sleeps); history raises none."""
    share = clock.assignment
    if share is None or case.ticket.history or case.ticket.urgency == Urgency.NORMAL:
        return
    case.add(
        Alarm(
            ticket=case.ticket,
            assignment=share,
            clock=clock,
            department_id=share.department_id,
            raised_at=case.now,
            next_at=case.now,
        )
    )
    case.fact(alarm="waiting")
