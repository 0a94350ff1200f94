"""A city's own rule put to the test before it counts: its own sentences, and those of every rule beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from nlp.urgency import Level, Rule, Urgency, assess, fired_by
from nlp.urgency.clean import plain
from nlp.urgency.rulebook import rulebook

_RANK: dict[Level, int] = {"normal": 0, "urgent": 1, "critical": 2}


@dataclass(frozen=True, slots=True)
class Failure:
    """One sentence that comes out wrong.

    `silent`: a positive one does not set the rule off, or stays below its level. `fires`: a negative one sets it off.
    `spoils`: a sentence that another rule (`rule`) must leave alone would become more urgent.
    """

    kind: Literal["silent", "fires", "spoils"]
    sentence: str
    rule: str
    found: Urgency


def failures(rule: Rule, others: Iterable[Rule] = ()) -> tuple[Failure, ...]:
    """What speaks against the rule beside the shipped ones and the city's `others`; empty when it may be used."""
    beside = tuple(other for other in others if other.id != rule.id)
    return (*_its_own(rule, beside), *_of_others(rule, beside))


def _its_own(rule: Rule, beside: tuple[Rule, ...]) -> Iterator[Failure]:
    for sentence in rule.positive:
        found = assess(sentence, (*beside, rule))
        fired = any(one.rule == rule.id for one in found.rules)
        if not fired or _RANK[found.level] < _RANK[rule.level]:
            yield Failure("silent", sentence, rule.id, found)
    for sentence in rule.negative:
        found = assess(sentence, (rule,))
        if any(one.rule == rule.id for one in found.rules):
            yield Failure("fires", sentence, rule.id, found)


def _of_others(rule: Rule, beside: tuple[Rule, ...]) -> Iterator[Failure]:
    """The negative sentences of the others, looked at closely only where the new rule says anything at all."""
    for other in (*rulebook(), *beside):
        for sentence in other.negative:
            if not fired_by([replace(rule, needs=None)], plain(sentence)):
                continue
            found = assess(sentence, (*beside, rule))
            if _RANK[found.level] > _RANK[assess(sentence, beside).level]:
                yield Failure("spoils", sentence, other.id, found)
