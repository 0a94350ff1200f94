"""答复质检: the check of an answer before it goes out, with a threshold per unit that a checker may override.

Personal data and rude words always stop an answer; a low score stops it where a `ReplyGate` row says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from nlp.replies import Finding, ReplyScore, score
from ticketing.models import ReplyGate, Ticket
from ticketing.wording import following

#: least score of an answer by unit
Gates = dict[int | None, float]
#: findings that hold an answer up whatever the unit's threshold is
NEVER = frozenset({"personal_data", "rude"})


def check(ticket: Ticket, answer: str) -> ReplyScore:
    """The score of `answer` to the ticket, and what is to be mended. About 2 ms."""
    following.refresh()
    return score(f"{ticket.title}。{ticket.body}", answer)


def gates() -> Gates:
    """The thresholds by unit; that of None is everybody's."""
    return dict(ReplyGate.objects.values_list("department_id", "least"))


def least(department_id: int | None, known: Gates | None = None) -> float:
    """The unit's threshold, else everybody's, else 0. `known`: the thresholds, where several are asked for."""
    rows = gates() if known is None else known
    return rows.get(department_id, rows.get(None, 0.0))


@dataclass(frozen=True)
class Verdict:
    """What the check says of an answer of a unit. `stopped`: what holds it up; empty when it may go out."""

    score: ReplyScore
    least: float
    stopped: tuple[Finding, ...]

    @property
    def too_low(self) -> bool:
        return self.score.overall < self.least

    @property
    def serious(self) -> bool:
        """Whether a finding must be mended, though the unit's threshold does not hold the answer up."""
        return any(item.severity == "block" for item in self.score.findings)

    @property
    def hints(self) -> str:
        return "；".join(dict.fromkeys(item.hint for item in self.stopped))


def verdict(ticket: Ticket, answer: str, department_id: int | None, known: Gates | None = None) -> Verdict:
    """The check of an answer by the threshold of the unit that wrote it."""
    found, bound = check(ticket, answer), least(department_id, known)
    return Verdict(found, bound, _stops(found, bound))


def stops(found: ReplyScore, department_id: int | None) -> tuple[Finding, ...]:
    """The findings that hold the answer up; empty when it may go out. A low score counts with all of them."""
    return _stops(found, least(department_id))


def _stops(found: ReplyScore, bound: float) -> tuple[Finding, ...]:
    serious = tuple(item for item in found.findings if item.severity == "block" and item.code in NEVER)
    if serious:
        return serious
    if found.overall < bound:
        return found.findings or (Finding("low_score", "block", "", f"综合分 {found.overall}"),)
    return ()
