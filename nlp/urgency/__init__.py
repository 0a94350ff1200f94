"""How urgent a report is, and whether it is a matter for 110, 119, 120 or 122.

    >>> assess("楼道里煤气味很重").level
    'critical'

Rules, words and their tests stand in `nlp/data/urgency/`. What has not happened, is long over or has been dealt
with does not count. The hand-over follows 国办发〔2022〕12号: danger to life or property, crime, public order, traffic
incidents, missing persons and danger from water, power, oil, gas and heat facilities belong to 110.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nlp.urgency import lines, sense, weigh
from nlp.urgency.clean import plain
from nlp.urgency.guards import Spot, excused, holds, speaks_of_now
from nlp.urgency.rulebook import Handover, Level, Rule, rulebook

__all__ = ["Fired", "Handover", "Level", "Rule", "Urgency", "assess", "fired_by"]

#: right before a circumstance: it is not so (没人, 没有停电)
_DENIED = re.compile(r"(?:没有?|未|无|并非|不是)\Z")
#: before words that open another matter: gas in the stairwell is no less a danger because a lamp is out as well
_NEXT_MATTER = re.compile(r"(?<=[。！？!?；;，,])(?=另外|此外|顺便|再一个|还有(?:就是|一件事|个事))")
#: characters below which a rule's word is taken as it stands
_TOO_SHORT = 8
#: characters beside the words that are read with them in a rambling sentence
_AROUND = 20
#: characters from which a sentence is rambling
_RAMBLING = 80
_HARMLESS, _LOOK = "有险情字眼，但整句不像正在发生的险情", "，请人核实"
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


def assess(text: str, own: tuple[Rule, ...] = ()) -> Urgency:
    """Assess a report as it was written or spoken, by the shipped rules and a city's `own`. Pure; about 0.5 ms for 40
    characters."""
    text = plain(text)
    whole = _assess(text, own)
    if whole.level == "critical" or len(text) > sense.SHORT:
        return whole
    matters = _NEXT_MATTER.split(text)
    each = (_assess(matter, own) for matter in matters) if len(matters) > 1 else ()
    return next((one for one in each if one.level == "critical"), whole)


def _assess(text: str, own: tuple[Rule, ...]) -> Urgency:
    """Assess a text in plain spelling as one matter."""
    found = fired_by((*rulebook(), *own), text)
    found.sort(key=lambda pair: -_RANK[pair[0].level])
    fired = tuple(Fired(rule.id, words, rule.why) for rule, words in found)
    police = any(rule.police for rule, _ in found)
    critical = [rule for rule, _ in found if rule.level == "critical"]
    if any(rule.sure for rule in critical):
        return Urgency("critical", fired, _line(found, "critical"), police)
    seems = _seems(text, found)
    if seems == "critical":
        return _danger(text, found, fired, police)
    if critical:
        why = _HARMLESS + (_LOOK if seems == "urgent" else "")
        return Urgency(seems, (*fired, Fired("sounds_harmless", fired[0].words, why)), None, police)
    level: Level = found[0][0].level if found else "normal"
    return Urgency(level, fired, _line(found, level), police)


def _danger(text: str, found: list[tuple[Rule, str]], fired: tuple[Fired, ...], police: bool) -> Urgency:
    """A danger to life, by the rules that hold or, where there is none, by how it reads."""
    line = _line(found, "critical")
    if found and found[0][0].level == "critical":
        return Urgency("critical", fired, lines.choose(text, line) if line else None, police)
    chosen = lines.choose(text, _line(found, "urgent"))
    return Urgency("critical", (_sensed(text), *fired), chosen, suspected_110=True)


def fired_by(rules: Iterable[Rule], text: str) -> list[tuple[Rule, str]]:
    """The rules that hold for a text in plain spelling, each with the words that set it off."""
    characters = frozenset(text)
    tried = (rule for rule in rules if rule.needs is None or not rule.needs.isdisjoint(characters))
    return [(rule, words) for rule in tried if (words := _fires(rule, text))]


def _line(found: list[tuple[Rule, str]], level: Level) -> Handover | None:
    """The line of the weightiest rule of that level."""
    serious = sorted((rule for rule, _ in found if rule.level == level), key=lambda rule: -rule.priority)
    return next((rule.handover for rule in serious if rule.handover), None)


def _seems(text: str, found: list[tuple[Rule, str]]) -> Level:
    """The level by the rules that hold and by how the text reads; a critical rule may be doubted or dismissed."""
    critical = [words for rule, words in found if rule.level == "critical"]
    milder = len(found) - len(critical)
    if critical and len(text) < _TOO_SHORT:
        return "critical"
    if len(text) > sense.SHORT:
        danger = not _sounds_harmless(text, critical) if critical else _cries_out(text)
        return "critical" if danger else "urgent"
    odds = weigh.weigh(weigh.facts(text, len(critical), milder))
    if odds >= weigh.CERTAIN:
        return "critical"
    hours = any(rule.level == "urgent" for rule, _ in found)
    return "urgent" if hours or odds >= weigh.HARMLESS else "normal"


def _sensed(text: str) -> Fired:
    """What the learnt sense of danger says where no rule holds."""
    part = text if len(text) <= sense.SHORT else max(sense.sentences(text), key=sense.probability)
    return Fired("sounds_dangerous", "…".join(sense.judge(part).words), "措辞与危及人身的险情相似")


def _cries_out(letter: str) -> bool:
    """Whether a sentence of a long letter speaks of danger now; silent where it is over, asked about or feared."""
    spoken = (one for one in sense.sentences(letter) if speaks_of_now(one))
    return any(sense.probability(one) >= sense.CERTAIN_IN_LETTER and not excused(one) for one in spoken)


def _sounds_harmless(letter: str, fired: list[str]) -> bool:
    """Whether every sentence of a long letter with words that a rule fired on reads unlike any danger to life."""
    starts = [words.partition("…")[0] for words in fired]
    about = [near for one in sense.sentences(letter) for start in starts if (near := _near(one, start))]
    return bool(about) and all(sense.probability(one) < sense.HARMLESS for one in about)


def _near(sentence: str, words: str) -> str:
    """The sentence with the words; of a rambling one only the clauses around them. Empty when they are not in it."""
    at = sentence.find(words)
    if at < 0 or len(sentence) <= _RAMBLING:
        return sentence if at >= 0 else ""
    first = max(sentence.rfind("，", 0, max(at - _AROUND, 0)), 0)
    last = sentence.find("，", at + len(words) + _AROUND)
    return sentence[first : last if last >= 0 else len(sentence)]


def _fires(rule: Rule, text: str) -> str:
    """The words that set the rule off, empty if it does not hold."""
    for found in rule.pattern.finditer(text):
        spot = Spot(text, found.start(), found.end())
        around = _circumstances(rule, text, spot)
        if around is not None and holds(spot, rule.guards, rule.unless):
            return "…".join((spot.words, *around))
    return ""


def _circumstances(rule: Rule, text: str, spot: Spot) -> list[str] | None:
    """One word of the text for each context of the rule, near the event; None when one is missing."""
    low, high = max(spot.start - rule.reach, 0), spot.end + rule.reach
    words = []
    for context in rule.context:
        found = context.finditer(text, low, min(high, len(text)))
        word = next((one.group() for one in found if not _DENIED.search(text, low, one.start())), None)
        if word is None:
            return None
        words.append(word)
    return [word for word in dict.fromkeys(words) if word not in spot.words]
