"""The machine's proposal as the desk shows it: what, how sure, and why; never a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ticketing.desk import lists
from ticketing.terms import Kind

SURE, LIKELY = 0.8, 0.5


@dataclass(frozen=True)
class Proposal:
    """`complete`: with kind, category and unit, so one click takes it over; `typed`: as the form's fields take it."""

    kind: str
    kind_label: str
    category: int | None
    category_label: str
    lead: int | None
    lead_label: str
    assists: tuple[str, ...]
    percent: int | None
    tone: str
    words: str
    reasons: tuple[str, ...]
    alternatives: tuple[tuple[int, str, int], ...]
    handover: str
    model: str
    typed: dict[str, str]
    typed_assists: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return bool(self.kind and self.category and self.lead)


def read(plan: dict[str, Any], *, decided: bool = False) -> Proposal | None:
    """None when nothing was proposed. Tones come with words; `decided`: a person chose the category."""
    if not plan or not (plan.get("category") or plan.get("kind") or plan.get("reasons") or plan.get("department")):
        return None
    confidence = float(plan.get("confidence") or 0.0)
    tone, words = ("green", "把握大") if confidence >= SURE else ("blue", "供参考")
    if confidence < LIKELY or plan.get("abstained"):
        tone, words = "amber", "把握小，请人工判断"
    if decided:
        tone, words = "", "分类由人工选定"
    kind = str(plan.get("kind") or "")
    return Proposal(
        kind=kind,
        kind_label=Kind(kind).label if kind in Kind.values else "未判断",
        category=plan.get("category"),
        category_label=_name(lists.categories(), plan.get("category")) or "未判断",
        lead=plan.get("department"),
        lead_label=_name(lists.units(), plan.get("department")) or "未找到职责单位",
        assists=tuple(_name(lists.units(), pk) for pk in plan.get("assists") or []),
        percent=None if decided else round(confidence * 100),
        tone=tone,
        words=words,
        reasons=tuple(str(reason) for reason in plan.get("reasons") or []),
        alternatives=tuple(
            (int(pk), _name(lists.categories(), pk), round(float(share) * 100))
            for pk, share in (plan.get("alternatives") or [])
        ),
        handover=str(plan.get("handover") or ""),
        model=str(plan.get("model") or ""),
        typed={
            "category": _typed(lists.categories(), plan.get("category")),
            "lead": _typed(lists.units(), plan.get("department")),
        },
        typed_assists=tuple(_typed(lists.units(), pk) for pk in plan.get("assists") or []),
    )


def _name(entries: list[lists.Entry], pk: Any) -> str:
    return next((entry.name for entry in entries if entry.key == str(pk)), "")


def _typed(entries: list[lists.Entry], pk: Any) -> str:
    return next((entry.typed for entry in entries if entry.key == str(pk)), "")
