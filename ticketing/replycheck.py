"""答复质检: the check of an answer before it goes out, with a threshold per unit that a checker may override.

Personal data and rude words always stop an answer; a low score stops it where a `ReplyGate` row says so.
"""

from __future__ import annotations

from nlp.replies import Finding, ReplyScore, score
from ticketing.models import ReplyGate, Ticket
from ticketing.wording import following

#: findings that hold an answer up whatever the unit's threshold is
NEVER = frozenset({"personal_data", "rude"})


def check(ticket: Ticket, answer: str) -> ReplyScore:
    """The score of `answer` to the ticket, and what is to be mended. About 2 ms."""
    following.refresh()
    return score(f"{ticket.title}。{ticket.body}", answer)


def least(department_id: int | None) -> float:
    """The unit's threshold, else everybody's, else 0."""
    rows: dict[int | None, float] = dict(ReplyGate.objects.values_list("department_id", "least"))
    return rows.get(department_id, rows.get(None, 0.0))


def stops(found: ReplyScore, department_id: int | None) -> tuple[Finding, ...]:
    """The findings that hold the answer up; empty when it may go out. A low score counts with all of them."""
    serious = tuple(item for item in found.findings if item.severity == "block" and item.code in NEVER)
    if serious:
        return serious
    if found.overall < least(department_id):
        return found.findings or (Finding("low_score", "block", "", f"综合分 {found.overall}"),)
    return ()
