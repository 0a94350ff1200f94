"""政策计算器: which policies apply to this firm, which may, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from .finding import readable
from .models import KnowledgeEntry, Material
from .structure import FACTS, Condition, conditions


@dataclass(frozen=True)
class Verdict:
    """One policy for one firm. `missing`: facts that would decide it."""

    entry: KnowledgeEntry
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    open: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def applies(self) -> bool | None:
        """True, False, or None while something is not known."""
        if self.unmet:
            return False
        return None if self.open else True


def judge(entry: KnowledgeEntry, firm: Mapping[str, object]) -> Verdict:
    """The conditions of `entry` held against what is known of the firm."""
    met: list[str] = []
    unmet: list[str] = []
    unsure: list[Condition] = []
    for condition in conditions(entry.details):
        holds = condition.holds(firm)
        if holds is None:
            unsure.append(condition)
        else:
            (met if holds else unmet).append(condition.text)
    missing = tuple(dict.fromkeys(FACTS[condition.fact].label for condition in unsure))
    return Verdict(entry, tuple(met), tuple(unmet), tuple(one.text for one in unsure), missing)


def _in_force(staff: bool, day: date | None) -> QuerySet[KnowledgeEntry]:
    return readable(staff, day).filter(material=Material.POLICY).select_related("owner").order_by("code")


def asked(*, staff: bool, day: date | None = None) -> frozenset[str]:
    """The facts that decide about any policy in force: what the form asks."""
    return frozenset(one.fact for entry in _in_force(staff, day) for one in conditions(entry.details))


def calculate(firm: Mapping[str, object], *, staff: bool, day: date | None = None) -> list[Verdict]:
    """All policies in force: those that apply first, then those that depend on something not known, then the rest."""
    verdicts = [judge(entry, firm) for entry in _in_force(staff, day)]
    rank = {True: 0, None: 1, False: 2}
    return sorted(verdicts, key=lambda verdict: (rank[verdict.applies], len(verdict.unmet), -len(verdict.met)))
