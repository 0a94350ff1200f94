"""How urgent a report is, and whether it is a matter for 110, 119, 120 or 122.

    >>> assess("楼道里煤气味很重").level
    'critical'

Rules, words and their tests stand in `nlp/data/urgency.toml`. What has not happened, is long over or has been dealt
with does not count. The hand-over follows 国办发〔2022〕12号: danger to life or property, crime, public order, traffic
incidents, missing persons and danger from water, power, oil, gas and heat facilities belong to 110.
"""

from __future__ import annotations

from dataclasses import dataclass

from nlp.urgency.guards import Spot, holds
from nlp.urgency.rulebook import Handover, Level, Rule, rulebook

__all__ = ["Fired", "Handover", "Level", "Urgency", "assess"]

_RANK: dict[Level, int] = {"normal": 0, "urgent": 1, "critical": 2}


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that holds: its id, the words of the text that set it off, and why it matters."""

    rule: str
    words: str
    why: str


@dataclass(frozen=True, slots=True)
class Urgency:
    """`handover` is the line to pass the caller to, None when 12345 keeps the matter.

    `suspected_110` also marks what is not urgent but belongs to the police.
    """

    level: Level
    rules: tuple[Fired, ...]
    handover: Handover | None
    suspected_110: bool


def assess(text: str) -> Urgency:
    """Assess a report as it was written or spoken. Pure; about 0.3 ms for 200 characters."""
    found = [(rule, words) for rule in rulebook() if (words := _fires(rule, text))]
    found.sort(key=lambda pair: -_RANK[pair[0].level])
    level: Level = found[0][0].level if found else "normal"
    serious = sorted((rule for rule, _ in found if rule.level == level), key=lambda rule: -rule.priority)
    handover = next((rule.handover for rule in serious if rule.handover), None)
    return Urgency(
        level=level,
        rules=tuple(Fired(rule.id, words, rule.why) for rule, words in found),
        handover=handover,
        suspected_110=any(rule.police for rule, _ in found),
    )


def _fires(rule: Rule, text: str) -> str:
    """The words that set the rule off, empty if it does not hold."""
    for found in rule.pattern.finditer(text):
        if holds(Spot(text, found.start(), found.end()), rule.guards, rule.unless):
            return found.group()
    return ""
