"""The tree of shares, flattened for the page with its depth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from directory.models import Role, RoleBinding
from ticketing.models import Assignment
from ticketing.terms import ASSIGNMENT_GONE, ASSIGNMENT_OPEN

_TONES = {"to_sign": "amber", "return_asked": "amber", "handling": "blue", "replied": "green"}


@dataclass(frozen=True)
class Node:
    """`login`: in the demo, an account of the unit, so that whoever tries the product can go on as that unit."""

    share: Assignment
    depth: int
    tone: str
    open: bool
    gone: bool
    login: str = ""


def tree(shares: Iterable[Assignment]) -> list[Node]:
    """Parents before children, in the order they were given out."""
    shares = tuple(shares)
    logins = _demo_logins(shares) if settings.DEMO and shares else {}
    below: dict[int | None, list[Assignment]] = {}
    for share in sorted(shares, key=lambda share: share.pk):
        below.setdefault(share.parent_id, []).append(share)
    found: list[Node] = []

    def walk(parent: int | None, depth: int) -> None:
        for share in below.get(parent, []):
            found.append(
                Node(
                    share,
                    depth,
                    _TONES.get(share.status, ""),
                    share.status in ASSIGNMENT_OPEN,
                    share.status in ASSIGNMENT_GONE,
                    logins.get(share.department_id, ""),
                )
            )
            walk(share.pk, depth + 1)

    walk(None, 0)
    return found


def _demo_logins(shares: Iterable[Assignment]) -> dict[int, str]:
    units = {share.department_id for share in shares}
    rows = RoleBinding.objects.filter(department_id__in=units, role=Role.HANDLER, staff__is_active=True)
    found: dict[int, str] = {}
    for unit, name in rows.order_by("-pk").values_list("department_id", "staff__username"):
        found[unit or 0] = name
    return found
