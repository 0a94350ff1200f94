"""The glossary's tables, made from the enumerations themselves."""

from __future__ import annotations

from django.db import models

from directory.models import DepartmentKind, Role
from ticketing import terms

from .diagram import renewed
from .table import Action, Capacity

TABLES: tuple[tuple[str, type[models.Choices]], ...] = (
    ("Status of a ticket", terms.Status),
    ("Kind of matter (诉求类型)", terms.Kind),
    ("Urgency", terms.Urgency),
    ("Channel", terms.Channel),
    ("Part of a unit", terms.Part),
    ("Status of a share", terms.AssignmentStatus),
    ("Clock", terms.ClockName),
    ("State of a clock", terms.ClockState),
    ("Unit of a limit", terms.LimitUnit),
    ("Satisfaction", terms.Satisfaction),
    ("Result of a call-back try", terms.CallbackResult),
    ("Supervision ladder", terms.LadderStep),
    ("Role of staff", Role),
    ("Capacity towards a ticket", Capacity),
    ("Action", Action),
    ("Kind of unit", DepartmentKind),
)
BEGIN, END = "<!-- terms: begin -->", "<!-- terms: end -->"


def section() -> str:
    parts = [BEGIN]
    for title, choices in TABLES:
        parts.append(f"\n### {title}\n\n| Chinese | code |\n|---|---|")
        parts += [f"| {label} | `{value}` |" for value, label in choices.choices]
    return "\n".join([*parts, "", END])


def put_into(text: str) -> str:
    """The document with its terms made anew. Raises ValueError when the markers are missing."""
    return renewed(text, BEGIN, END, section())
