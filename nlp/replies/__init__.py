"""The check of a reply (答复质检) before it goes out, and of replies that went out.

    >>> score(question, reply).findings

`overall` = relevance^0.35 x completeness^0.40 x explainability^0.15: a geometric mean, because good form does not
make up for a missed point. What must not go out counts as next to nothing: x 0.005 for rude words, numbers that
identify a person, or telling who reported; x 0.2 for a reply off the point (x 0.6 where it is sound otherwise), x 0.5
for one that breaks off, or mostly praises the unit or lectures the citizen, x 0.6 for one without an ending (x 0.85
where only the date is missing), x 0.85 for one that does not name its matter, x 0.7 for plates and door numbers, x 0.3
to 1 by the sorts of answer that were asked for and are there, and less for one shorter than 300 characters (or, if that
is fewer, than 120 more than the question has: x 0.18 at half of it, x 0.71 if it answers everything and explains it);
all of it to the power of 0.45. A reply that only names the unit in charge or where to turn is worth little, but not
nothing (0.24).
"""

from __future__ import annotations

from nlp.extract.demands import demands as demands_of
from nlp.replies import asked, checks, measure
from nlp.replies.content import Sentence, read
from nlp.replies.model import Finding, ReplyScore

__all__ = ["Finding", "ReplyScore", "score"]

_MOST_FINDINGS = 20
_LEAST = 0.05
#: a reply with so much substance is judged by what it says, not by naming a unit
_FULL = 0.5
#: characters of a usual reply to a letter (to a shorter text: so many more than it has), how much a shorter one loses,
#: and how much of that is forgiven where it says all
_USUAL, _MORE, _BRIEF, _FORGIVEN = 300, 120, 2.5, 2.0
#: what is left of a reply that gives none of the sorts of answer that were asked for
_EVADING = 0.3
#: the part of the score that good form earns by itself, and what makes form not count
_FORM = 0.02
#: many factors below 1 press the scores together near 0; the order stays
_SPREAD = 0.45
_NEVER = frozenset({"personal_data", "rude"})


def score(question: str, reply: str) -> ReplyScore:
    """Score a reply to a question, both as plain text. Pure and quick: about 2 ms."""
    said = read(reply)
    substance = measure.substance(said)
    text = "".join(sentence.text for sentence in said)
    relevance = measure.relevance(question, asked.without_echo(text), substance)
    demands = _answered(question, said, relevance)
    completeness = _completeness(demands, measure.substance(said, len(demands)), relevance)
    explainability = measure.explainability(said)
    findings = (
        *checks.leaks(reply),
        *checks.betrayals(said),
        *checks.rudeness(said),
        *checks.emptiness(said, substance),
        *checks.unfinished(reply, said),
        *checks.off_point(relevance, explainability, said),
        *checks.beside_the_matter(said),
        *checks.unanswered(demands if substance else ()),
        *checks.evaded(question, reply if substance else ""),
        *checks.grounds(said),
    )
    overall = relevance**0.35 * completeness**0.4 * max(explainability, _LEAST) ** 0.15
    if substance < _FULL:
        overall = max(overall, checks.pointer(said))
    brief = _BRIEF - _FORGIVEN * completeness * explainability
    overall *= _penalty(findings) * min(len(text) / min(_USUAL, len(question) + _MORE), 1.0) ** brief
    overall *= _EVADING + (1 - _EVADING) * asked.given(question, reply)
    if not any(finding.code in _NEVER and finding.severity == "block" for finding in findings):
        overall = (1 - _FORM) * overall + _FORM * checks.form(reply)
    return ReplyScore(
        round(relevance, 3),
        round(completeness, 3),
        round(explainability, 3),
        round(overall**_SPREAD, 3),
        findings[:_MOST_FINDINGS],
    )


def _answered(question: str, said: list[Sentence], relevance: float) -> list[measure.Demand]:
    taken_up = measure.terms("".join(sentence.text for sentence in said if sentence.says_something))
    asked_for = demands_of(question)
    if len(asked_for) == 1:  # "please mend it soon" alone names nothing: what is to be mended stands before it
        whole = measure.demand(question, taken_up, relevance)
        return [max(measure.demand(asked_for[0], taken_up, relevance), whole, key=lambda demand: demand.answered)]
    return [measure.demand(text, taken_up, relevance) for text in asked_for]


def _completeness(demands: list[measure.Demand], substance: float, relevance: float) -> float:
    """Mean over the demands, half of it the worst answered one, as far as the reply has substance."""
    if not demands:
        return substance * relevance
    answered = [demand.answered for demand in demands]
    return substance * (sum(answered) / len(answered) + min(answered)) / 2


def _penalty(findings: tuple[Finding, ...]) -> float:
    factor = 1.0
    codes = {(finding.code, finding.severity) for finding in findings}
    if ("personal_data", "block") in codes:
        factor *= 0.005
    elif ("personal_data", "warn") in codes:
        factor *= 0.7
    if ("off_topic", "block") in codes:
        factor *= 0.2
    if ("off_topic", "warn") in codes:
        factor *= 0.6
    if ("broken_off", "warn") in codes:
        factor *= 0.5
    if ("beside_the_matter", "warn") in codes:
        factor *= 0.5
    if ("no_ending", "note") in codes:
        factor *= 0.6
    if ("no_date", "note") in codes:
        factor *= 0.85
    if ("matter_not_named", "note") in codes:
        factor *= 0.85
    if ("rude", "block") in codes:
        factor *= 0.005
    return factor
