"""The rules as data, checked when they are read.

They stand in `nlp/data/urgency/`, one file per hazard. Some list wordings; others put an event together with what makes
it dangerous, in any order and wording, so that a report that nobody foresaw is recognised by its parts.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast, get_args

from nlp.data import rules
from nlp.needs import Characters, needed
from nlp.urgency.guards import GUARDS

Level = Literal["normal", "urgent", "critical"]
Handover = Literal["110", "119", "120", "122"]

#: the files in `nlp/data/urgency/`; of two rules that weigh the same the one that stands first says which line
HAZARDS = (
    *("fire", "power", "trapped", "buildings", "water", "despair", "violence", "police", "health", "traffic"),
    *("services", "calls"),
)

#: characters on both sides of an event in which its circumstances are sought
_REACH = 20


#: what a rule may say, and of what kind it is
_FIELDS: dict[str, type] = {
    **dict.fromkeys(("id", "level", "handover", "why"), str),
    **dict.fromkeys(("police", "sure"), bool),
    **dict.fromkeys(("priority", "reach"), int),
    **dict.fromkeys(("any", "with", "unless", "guards", "positive", "negative"), list),
}


class BadRule(ValueError):
    """A rule in the file cannot be used; the message names the rule and the field."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` sets it off, `unless` in the same sentence stops it, `guards` are the readings that excuse it.

    The learnt sense never doubts a `sure` one. A text without any of the characters `needs` cannot match the pattern
    (None: that says nothing).

    Every pattern of `context` must occur too, at most `reach` characters before or after.
    """

    id: str
    level: Level
    handover: Handover | None
    police: bool
    sure: bool
    priority: int
    why: str
    pattern: re.Pattern[str]
    needs: Characters | None
    unless: re.Pattern[str] | None
    guards: frozenset[str]
    context: tuple[re.Pattern[str], ...]
    reach: int
    positive: tuple[str, ...]
    negative: tuple[str, ...]


@cache
def rulebook() -> tuple[Rule, ...]:
    """All rules, in the order of `HAZARDS`."""
    words = rules("urgency/words.toml")["words"]
    found = tuple(parse(entry, words) for hazard in HAZARDS for entry in rules(f"urgency/{hazard}.toml")["rule"])
    twice = [name for name, times in Counter(rule.id for rule in found).items() if times > 1]
    if twice:
        raise BadRule(f"rule {twice[0]}: the id stands twice; every rule needs its own")
    return found


def parse(entry: dict[str, Any], words: dict[str, str]) -> Rule:
    """One rule of the file. `{name}` in a pattern stands for an entry of `words`. Raises `BadRule`."""
    name = entry.get("id", "?")
    _complete(entry, name)
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
    pattern = _compile(entry["any"], words, name)
    return Rule(
        id=name,
        level=cast(Level, level),
        handover=handover,
        police=bool(entry.get("police", handover in ("110", "122"))),
        sure=bool(entry.get("sure", False)),
        priority=int(entry.get("priority", 0)),
        why=entry["why"],
        pattern=pattern,
        needs=needed(pattern.pattern),
        unless=_compile(entry["unless"], words, name) if entry.get("unless") else None,
        guards=guards,
        context=tuple(_compile([part], words, name) for part in entry.get("with", ())),
        reach=int(entry.get("reach", _REACH)),
        positive=tuple(entry["positive"]),
        negative=tuple(entry["negative"]),
    )


def rule_of(
    *,
    id: str,
    level: Level,
    handover: Handover | None,
    why: str,
    event: str,
    circumstances: str,
    unless: str,
    anytime: bool,
    positive: tuple[str, ...],
    negative: tuple[str, ...],
) -> Rule:
    """A city's own rule: what its people wrote is believed (`sure`); `anytime` lets no reading excuse the words."""
    return Rule(
        id=id,
        level=level,
        handover=handover,
        police=handover in ("110", "122"),
        sure=True,
        priority=0,
        why=why,
        pattern=re.compile(event),
        needs=needed(event),
        unless=re.compile(unless) if unless else None,
        guards=frozenset() if anytime else GUARDS,
        context=(re.compile(circumstances),) if circumstances else (),
        reach=_REACH,
        positive=positive,
        negative=negative,
    )


def _complete(entry: dict[str, Any], name: str) -> None:
    """Raises `BadRule` for a field that is missing, unknown or of another kind than it must be."""
    if unknown := entry.keys() - _FIELDS.keys():
        raise BadRule(f"rule {name}: unknown field {', '.join(sorted(unknown))}; accepted are {', '.join(_FIELDS)}")
    for field in ("id", "why", "any"):
        if not entry.get(field):
            raise BadRule(f"rule {name}: {field} is missing")
    if not entry.get("positive") or not entry.get("negative"):
        raise BadRule(f"rule {name}: needs positive and negative examples")
    for field, value in entry.items():
        kind = _FIELDS[field]
        if kind is list and not (isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)):
            raise BadRule(f"rule {name}: {field} must be a list of texts in quotes")
        if kind in (bool, int) and type(value) is not kind:
            said = "true or false" if kind is bool else "a whole number"
            raise BadRule(f"rule {name}: {field} is {value!r}; accepted is {said}")


def _compile(parts: list[str], words: dict[str, str], name: str) -> re.Pattern[str]:
    named = {found for part in parts for found in re.findall(r"\{([a-z_]+)\}", part)}
    if unknown := named - words.keys():
        raise BadRule(f"rule {name}: no words are called {', '.join(sorted(unknown))} (words.toml)")
    filled = [re.sub(r"\{([a-z_]+)\}", lambda found: f"(?:{words[found.group(1)]})", part) for part in parts]
    try:
        return re.compile("|".join(f"(?:{part})" for part in filled))
    except re.error as error:
        raise BadRule(f"rule {name}: bad pattern: {error}") from None
