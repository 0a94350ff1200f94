"""The structured part of an entry as a form of plain inputs: read from what was sent, and filled from what is stored.

Lists are one entry a line; a policy's conditions are rows of which empty ones do not count. Rows are added by sending
the form, so nothing needs a script. Messages name the row and what is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.models import Region

from .models import Material
from .rules import lines
from .structure import FACTS, GUIDE_FIELDS, GUIDE_LISTS, GUIDE_NEEDED, OPERATORS, POLICY_FIELDS, Fact

#: rows offered beyond those filled in; at most so many rows are read
SPARE, MOST_ROWS = 3, 60
YES_NO = {"是": True, "否": False}
_LONG = frozenset({"conditions", "benefit", "how", "who"}) | GUIDE_LISTS
_PARTS = re.compile(r"[、，,;；\n]+")


@dataclass(frozen=True)
class Box:
    """One input: `lines` for a text area."""

    name: str
    label: str
    value: str
    lines: int
    hint: str = ""
    needed: bool = False


@dataclass
class Row:
    """One condition as typed."""

    at: int
    fact: str = ""
    operator: str = ""
    value: str = ""
    text: str = ""
    problem: str = ""

    @property
    def empty(self) -> bool:
        return not (self.fact or self.value or self.text)


@dataclass
class Filled:
    """What stands in the inputs, of both kinds: the person may still change the material."""

    guide: dict[str, str] = field(default_factory=dict)
    policy: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def spare(self, more: int = SPARE) -> Filled:
        """With empty rows at the end."""
        kept = [row for row in self.rows if not row.empty]
        self.rows = [*kept, *(Row(0) for _ in range(more))]
        for at, row in enumerate(self.rows):
            row.at = at
        return self

    @property
    def guide_boxes(self) -> list[Box]:
        return [
            Box(f"g-{name}", label, self.guide.get(name, ""), 5 if name in GUIDE_LISTS else 2 if name in _LONG else 1,
                "每行一项" if name in GUIDE_LISTS else "", name in GUIDE_NEEDED)
            for name, label in GUIDE_FIELDS.items()
        ]  # fmt: skip

    @property
    def policy_boxes(self) -> list[Box]:
        return [
            Box(f"p-{name}", label, self.policy.get(name, ""), 2 if name in _LONG else 1, "", name == "benefit")
            for name, label in POLICY_FIELDS.items()
            if name != "conditions"
        ]

    def details(self, material: str) -> dict[str, Any]:
        """What is stored for this material. Rows that cannot be read carry their `problem` and are left out."""
        if material == Material.GUIDE:
            return {name: _lines(text) if name in GUIDE_LISTS else text for name, text in self.guide.items() if text}
        if material == Material.POLICY:
            found: dict[str, Any] = {name: text for name, text in self.policy.items() if text}
            rows = [made for row in self.rows if not row.empty and (made := _condition(row)) is not None]
            return found | ({"conditions": rows} if rows else {})
        return {}

    @property
    def problems(self) -> list[str]:
        """After `details`: what could not be read, row by row."""
        return [f"第 {row.at + 1} 个条件：{row.problem}" for row in self.rows if row.problem]


def places() -> list[tuple[str, str]]:
    """Code and name of the districts that a policy may ask for."""
    return [(str(code), str(name)) for code, name in Region.objects.filter(level="county").values_list("code", "name")]


def sent(form: Mapping[str, str]) -> Filled:
    """What a browser sent."""
    filled = Filled(
        {name: lines(form.get(f"g-{name}", "")).strip() for name in GUIDE_FIELDS},
        {name: lines(form.get(f"p-{name}", "")).strip() for name in POLICY_FIELDS if name != "conditions"},
    )
    for at in range(MOST_ROWS):
        parts = {name: form.get(f"c-{at}-{name}", "").strip() for name in ("fact", "operator", "value", "text")}
        filled.rows.append(Row(at, **parts))
    filled.rows = [row for row in filled.rows if not row.empty]
    for at, row in enumerate(filled.rows):
        row.at = at
    return filled


def stored(material: str, details: Mapping[str, Any]) -> Filled:
    """What is stored, as it stands in the inputs."""
    filled = Filled()
    if material == Material.GUIDE:
        filled.guide = {name: "\n".join(v) if isinstance(v, list) else str(v) for name, v in details.items()}
    elif material == Material.POLICY:
        filled.policy = {name: str(value) for name, value in details.items() if name != "conditions"}
        for at, row in enumerate(details.get("conditions") or []):
            shown = _shown(row["fact"], row["value"])
            filled.rows.append(Row(at, row["fact"], row["operator"], shown, row.get("text", "")))
    return filled


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _shown(fact: str, value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    parts = [str(part) for part in value] if isinstance(value, list) else [str(value)]
    if fact == "region":
        known = dict(places())
        parts = [known.get(part, part) for part in parts]
    return "、".join(parts)


def _condition(row: Row) -> dict[str, Any] | None:
    """The row as it is stored; None with `row.problem` set when it cannot be read."""
    fact = FACTS.get(row.fact)
    if fact is None:
        row.problem = "请选择看企业的哪一项"
        return None
    if not row.value:
        row.problem = f"“{fact.label}”还没有填数值或选项"
        return None
    operator, value = row.operator or _usual(fact, row.value), _value(row, fact)
    if row.problem:
        return None
    accepted = _accepted(fact)
    if operator not in accepted:
        row.problem = f"“{fact.label}”只能用：{'、'.join(OPERATORS[name] for name in accepted)}"
        return None
    if operator == "is" and isinstance(value, list):
        operator = "in"
    if operator == "in" and not isinstance(value, list):
        value = [value]
    if row.fact == "region" and not row.text:  # written out, it would name codes
        row.text = f"{fact.label}{OPERATORS[operator]}{_shown(row.fact, value)}"
    made = {"fact": row.fact, "operator": operator, "value": value}
    return made | ({"text": row.text} if row.text else {})


def _accepted(fact: Fact) -> tuple[str, ...]:
    return {"number": ("at_least", "at_most"), "yes_no": ("is",)}.get(fact.kind, ("is", "in"))


def _usual(fact: Fact, value: str) -> str:
    """The operator of a row that chose none."""
    if fact.kind == "choice" and len(_PARTS.split(value)) > 1:
        return "in"
    return "at_least" if fact.kind == "number" else "is"


def _value(row: Row, fact: Fact) -> object:
    if fact.kind == "number":
        return _number(row, fact)
    if fact.kind == "yes_no":
        if row.value not in YES_NO:
            row.problem = f"“{fact.label}”应填“是”或“否”"
        return YES_NO.get(row.value)
    parts = [part for part in (text.strip() for text in _PARTS.split(row.value)) if part]
    codes = {name: code for code, name in places()} if row.fact == "region" else {}
    parts = [codes.get(part, part) for part in parts]
    choices = tuple(codes.values()) if codes else fact.choices
    if unknown := [part for part in parts if choices and part not in choices]:
        row.problem = f"“{fact.label}”没有“{'、'.join(unknown)}”；可填：{'、'.join(codes or fact.choices)}"
    return parts[0] if len(parts) == 1 else parts


def _number(row: Row, fact: Fact) -> float | int | None:
    try:
        number = float(row.value.removesuffix(fact.unit) if fact.unit else row.value)
    except ValueError:
        row.problem = f"“{fact.label}”应填数字{f'（{fact.unit}）' if fact.unit else ''}，现为“{row.value[:40]}”"
        return None
    if not 0 <= number <= 1e9:
        row.problem = f"“{fact.label}”应为 0 至 1000000000"
        return None
    return int(number) if number == int(number) else number
