"""The language functions put to work on a report: the one place where `nlp` meets the directory."""

from __future__ import annotations

from ticketing.intake.report import Report
from ticketing.intake.understanding import Understanding


def read(report: Report) -> Understanding:
    """What the text says; filled in by the classifier, the urgency rules and the extraction."""
    return Understanding()
