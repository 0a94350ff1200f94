"""Champion and challenger: two models on the same live texts, until a person decides which one serves.

Pure bookkeeping: the caller stores the trials and promotes; nothing here promotes by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from nlp.classify.result import Classification, Classifier

#: Texts on which both were judged before a recommendation is given.
ENOUGH = 200
#: Chance that a difference like the one seen arises between equally good models, below which it counts.
DOUBT = 0.05


@dataclass(frozen=True)
class Opinion:
    """What one model said of one text."""

    label: str
    probability: float
    abstained: bool

    @classmethod
    def of(cls, classification: Classification) -> Opinion:
        best = classification.best
        return cls(best.label, best.probability, classification.abstained) if best else cls("", 0.0, True)


@dataclass(frozen=True)
class Trial:
    """One text seen by both; `truth` is the category that a person confirmed, None while nobody has."""

    champion: Opinion
    challenger: Opinion
    truth: str | None = None


def try_both(champion: Classifier, challenger: Classifier, text: str, *, title: str = "") -> Trial:
    """Asks both. Only the champion's answer may have consequences."""
    return Trial(Opinion.of(champion.classify(text, title=title)), Opinion.of(challenger.classify(text, title=title)))


@dataclass(frozen=True)
class Score:
    """One side over the judged trials: share right, share decided alone, share right among those."""

    accuracy: float
    coverage: float
    precision_at_coverage: float


@dataclass(frozen=True)
class Contest:
    """The two side by side. `better` is "champion", "challenger" or "" while there is no telling; `doubt` is the chance
    of such a difference between equals (exact sign test on the texts where only one was right)."""

    judged: int
    disagreed: int
    champion: Score
    challenger: Score
    doubt: float
    better: str


def contest(trials: Iterable[Trial]) -> Contest:
    """Compares two models on the trials that a person judged."""
    seen = list(trials)
    judged = [trial for trial in seen if trial.truth is not None]
    old = [trial.champion.label == trial.truth for trial in judged]
    new = [trial.challenger.label == trial.truth for trial in judged]
    only_old = sum(a and not b for a, b in zip(old, new, strict=True))
    only_new = sum(b and not a for a, b in zip(old, new, strict=True))
    doubt = sign_test(only_old, only_new)
    sure = len(judged) >= ENOUGH and doubt < DOUBT
    return Contest(
        judged=len(judged),
        disagreed=sum(trial.champion.label != trial.challenger.label for trial in seen),
        champion=_score([trial.champion for trial in judged], old),
        challenger=_score([trial.challenger for trial in judged], new),
        doubt=doubt,
        better=("challenger" if only_new > only_old else "champion") if sure else "",
    )


def sign_test(wins: int, losses: int) -> float:
    """Chance of a split at least this uneven if both sides were equally good (two-sided, exact)."""
    trials = wins + losses
    if not trials:
        return 1.0
    tail = sum(math.comb(trials, k) for k in range(min(wins, losses) + 1))
    return float(min(1.0, 2 * tail / 2**trials))


def _score(opinions: list[Opinion], right: list[bool]) -> Score:
    number = max(len(opinions), 1)
    decided = [hit for opinion, hit in zip(opinions, right, strict=True) if not opinion.abstained]
    return Score(sum(right) / number, len(decided) / number, sum(decided) / len(decided) if decided else 1.0)
