"""Who may find what, as tokens: the same rule as `ticketing.visibility`, in a form an index can filter by.

A ticket carries `r:CODE` for its city, its region and everything above them, `r:*`, `c:CITY`, `d:ID` for each unit that
holds a share and the units above it, and `s:ID` for who took it in. A reader holds the tokens of the roots: `r:4101`
finds everything below that city because each ticket below carries its city's code.
"""

from __future__ import annotations

from directory.access import Standing
from directory.models import HOTLINE_ROLES, UNIT_ROLES, Role
from ticketing.lifecycle.actors import Actor

from .documents import NOBODY, Access

EVERYTHING = "r:*"
#: who may look tickets up by a caller's phone: those who talk with callers
_PHONE_ROLES = HOTLINE_ROLES | {Role.WINDOW_CLERK}


def access(actor: Actor) -> Access:
    """What `actor` may find."""
    if actor.kind == "system":
        return Access(frozenset({EVERYTHING}), phone=True)
    if actor.kind == "api":
        return Access(frozenset({f"c:{actor.region}"})) if actor.region else NOBODY
    if actor.standing is None:
        return NOBODY
    return Access(_of_staff(actor.standing), phone=actor.standing.has(*_PHONE_ROLES))


def _of_staff(standing: Standing) -> frozenset[str]:
    found: set[str] = set()
    for bound in standing.bounds:
        if bound.role in HOTLINE_ROLES or bound.role == Role.AUDITOR:
            found.add(f"r:{bound.region}" if bound.region else EVERYTHING)
        elif bound.role in UNIT_ROLES and bound.department_id:
            found.add(f"d:{bound.department_id}")
        elif bound.role == Role.WINDOW_CLERK:
            found.add(f"s:{standing.staff_id}")
    return frozenset(found)
