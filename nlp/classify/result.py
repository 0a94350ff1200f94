"""What every classifier answers, whatever engine stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from nlp.taxonomy import SEPARATOR


class Ranked(NamedTuple):
    """One proposed category: its label, how likely it is (0 to 1), and the words that spoke for it, strongest first."""

    label: str
    probability: float
    top_terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Classification:
    """Categories by falling probability. `abstained` when the first is below the engine's own `threshold`."""

    ranked: tuple[Ranked, ...]
    abstained: bool
    threshold: float

    @property
    def best(self) -> Ranked | None:
        """The first proposal, if there is any. Look at `abstained` before acting on it alone."""
        return self.ranked[0] if self.ranked else None

    def at_level(self, depth: int) -> tuple[Ranked, ...]:
        """The same, added up for the first `depth` levels of the tree; terms are those of the likeliest branch."""
        sums: dict[str, float] = {}
        terms: dict[str, tuple[str, ...]] = {}
        for one in self.ranked:
            label = SEPARATOR.join(one.label.split(SEPARATOR)[:depth])
            sums[label] = sums.get(label, 0.0) + one.probability
            terms.setdefault(label, one.top_terms)
        return tuple(Ranked(label, sums[label], terms[label]) for label in sorted(sums, key=lambda label: -sums[label]))


class Classifier(Protocol):
    """One interface for the cold start and for trained models."""

    def classify(self, text: str, *, title: str = "") -> Classification: ...
