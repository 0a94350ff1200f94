"""The rules as data, checked when they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast, get_args

from nlp.data import rules
from nlp.urgency.guards import GUARDS

Level = Literal["normal", "urgent", "critical"]
Handover = Literal["110", "119", "120", "122"]


class BadRule(ValueError):
    """A rule in the file cannot be used; the message names the rule and the field."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` sets it off, `unless` in the same sentence stops it, `guards` are the readings that excuse it."""

    id: str
    level: Level
    handover: Handover | None
    police: bool
    priority: int
    why: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    guards: frozenset[str]
    positive: tuple[str, ...]
    negative: tuple[str, ...]


@cache
def rulebook() -> tuple[Rule, ...]:
    """All rules of `urgency.toml`, in the order of the file."""
    data = rules("urgency.toml")
    return tuple(parse(entry, data["words"]) for entry in data["rule"])


def parse(entry: dict[str, Any], words: dict[str, str]) -> Rule:
    """One rule of the file. `{name}` in a pattern stands for an entry of `words`. Raises `BadRule`."""
    name = entry.get("id", "?")
    level, handover = entry.get("level"), entry.get("handover")
    guards = frozenset(entry.get("guards", GUARDS))
    if level not in get_args(Level):
        raise BadRule(f"rule {name}: level is {level!r}; accepted are {', '.join(get_args(Level))}")
    if handover is not None and handover not in get_args(Handover):
        raise BadRule(f"rule {name}: handover is {handover!r}; accepted are {', '.join(get_args(Handover))}")
    if unknown := guards - GUARDS:
        raise BadRule(
            f"rule {name}: unknown guards {', '.join(sorted(unknown))}; accepted are {', '.join(sorted(GUARDS))}"
        )
    if not entry.get("positive") or not entry.get("negative"):
        raise BadRule(f"rule {name}: needs positive and negative examples")
    return Rule(
        id=name,
        level=cast(Level, level),
        handover=handover,
        police=bool(entry.get("police", handover in ("110", "122"))),
        priority=int(entry.get("priority", 0)),
        why=entry["why"],
        pattern=_compile(entry["any"], words, name),
        unless=_compile(entry["unless"], words, name) if entry.get("unless") else None,
        guards=guards,
        positive=tuple(entry["positive"]),
        negative=tuple(entry["negative"]),
    )


def _compile(parts: list[str], words: dict[str, str], name: str) -> re.Pattern[str]:
    filled = [re.sub(r"\{([a-z_]+)\}", lambda found: f"(?:{words[found.group(1)]})", part) for part in parts]
    try:
        return re.compile("|".join(f"(?:{part})" for part in filled))
    except re.error as error:
        raise BadRule(f"rule {name}: bad pattern: {error}") from None
