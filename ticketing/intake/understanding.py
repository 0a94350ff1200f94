"""What the machine makes of a text before the transaction: a proposal with its confidence and its reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .report import Report


@dataclass(frozen=True)
class Understanding:
    """Never a decision: `category` and `department` are ids, `confidence` in 0–1, `reasons` in Chinese."""

    kind: str = ""
    category: int | None = None
    confidence: float = 0.0
    abstained: bool = True
    promoted: bool = False
    urgency: str = "normal"
    suspected_110: bool = False
    handover: str = ""
    region: str = ""
    complained_unit: int | None = None
    reasons: tuple[str, ...] = ()
    alternatives: tuple[tuple[int, float], ...] = ()
    model: str = ""
    facts: dict[str, object] = field(default_factory=dict)


Reader = Callable[[Report], Understanding]


def understand(report: Report) -> Understanding:
    """Runs the language functions on the report; a failure of theirs never keeps a report out."""
    import logging

    from ticketing.language import read

    try:
        return read(report)
    except Exception:
        logging.getLogger(__name__).exception("the language functions failed; the report goes in without a proposal")
        return Understanding(reasons=("语言分析暂不可用",))
