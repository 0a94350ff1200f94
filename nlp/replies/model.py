"""What the check of a reply says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `severity` is "block" (must not go out), "warn" or "note"; `sentence` is where."""

    code: str
    severity: str
    sentence: str
    hint: str


@dataclass(frozen=True, slots=True)
class ReplyScore:
    """Four figures from 0 to 1 and the findings that led to them."""

    relevance: float
    completeness: float
    explainability: float
    overall: float
    findings: tuple[Finding, ...]
