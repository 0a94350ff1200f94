"""The check of a reply (答复质检) before it goes out, and of replies that went out.

    >>> score(question, reply).findings

`overall` = (0.35 relevance + 0.40 completeness + 0.25 explainability), reduced by what must not go out: personal data
(x 0.15 for numbers that identify a person, x 0.7 for plates and door numbers) and rude words (x 0.15). A reply that is off
the point or says nothing cannot be saved by good form: `overall` is at most its relevance, and at most completeness + 0.3.
"""

from __future__ import annotations

from nlp.extract.demands import demands as demands_of
from nlp.replies import checks, measure
from nlp.replies.content import Sentence, read
from nlp.replies.model import Finding, ReplyScore

__all__ = ["Finding", "ReplyScore", "score"]

_MOST_FINDINGS = 20


def score(question: str, reply: str) -> ReplyScore:
    """Score a reply to a question, both as plain text. Pure and quick: about 2 ms."""
    said = read(reply)
    substance = measure.substance(said)
    text = "".join(sentence.text for sentence in said)
    relevance = measure.relevance(question, text, substance)
    demands = _answered(question, said, relevance)
    completeness = _completeness(demands, substance, relevance)
    explainability = measure.explainability(said)
    findings = (
        *checks.leaks(reply),
        *checks.rudeness(said),
        *checks.emptiness(said, substance),
        *checks.off_point(relevance, said),
        *checks.unanswered(demands if substance else ()),
        *checks.grounds(said),
    )
    overall = 0.35 * relevance + 0.4 * completeness + 0.25 * explainability
    overall = min(overall, relevance, completeness + 0.3) * _penalty(findings)
    return ReplyScore(*(round(value, 3) for value in (relevance, completeness, explainability, overall)), findings[:_MOST_FINDINGS])


def _answered(question: str, said: list[Sentence], relevance: float) -> list[tuple[str, float]]:
    taken_up = measure.terms("".join(sentence.text for sentence in said if sentence.says_something))
    return [(demand, measure.answered(demand, taken_up, relevance)) for demand in demands_of(question)]


def _completeness(demands: list[tuple[str, float]], substance: float, relevance: float) -> float:
    """Mean over the demands, as far as the reply has substance."""
    if not demands:
        return substance * relevance
    return substance * sum(value for _, value in demands) / len(demands)


def _penalty(findings: tuple[Finding, ...]) -> float:
    factor = 1.0
    codes = {(finding.code, finding.severity) for finding in findings}
    if ("personal_data", "block") in codes:
        factor *= 0.15
    elif ("personal_data", "warn") in codes:
        factor *= 0.7
    if ("rude", "block") in codes:
        factor *= 0.15
    return factor
