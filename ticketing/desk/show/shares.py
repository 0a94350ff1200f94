"""The tree of shares, flattened for the page with its depth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ticketing.models import Assignment
from ticketing.terms import ASSIGNMENT_GONE, ASSIGNMENT_OPEN

_TONES = {"to_sign": "amber", "return_asked": "amber", "handling": "blue", "replied": "green"}


@dataclass(frozen=True)
class Node:
    share: Assignment
    depth: int
    tone: str
    open: bool
    gone: bool


def tree(shares: Iterable[Assignment]) -> list[Node]:
    """Parents before children, in the order they were given out."""
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
                )
            )
            walk(share.pk, depth + 1)

    walk(None, 0)
    return found
