"""Which of a few groups of short texts another one resembles most: naive Bayes over pairs of characters.

For small sets of examples, where words are too rare to be met again; knows no grammar and no meaning.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

#: added to every count, so that a pair seen in one group only decides nothing alone
SMOOTHING = 0.3
LEAST = 2


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring Chinese characters; digits, Latin letters and marks are left out."""
    kept = "".join(letter for letter in text if "一" <= letter <= "龥")
    return frozenset(kept[at : at + 2] for at in range(len(kept) - 1))


class Resembling:
    """Built once from labelled examples; `best` says what a text resembles and how clearly."""

    def __init__(self, examples: Mapping[str, Iterable[str]]) -> None:
        self._in: dict[str, Counter[str]] = {}
        self._texts: dict[str, int] = {}
        self._all: Counter[str] = Counter()
        for label, texts in examples.items():
            found = [pairs(text) for text in texts]
            self._texts[label] = len(found)
            self._in[label] = Counter(pair for one in found for pair in one)
            self._all += self._in[label]
        self._total = sum(self._texts.values())

    def best(self, text: str) -> tuple[str, float]:
        """The label with the highest log odds against all others, and those odds; ("", 0) when the text shares less
        than `LEAST` pairs with every label's examples: one that was met once would decide alone."""
        known = sorted(pair for pair in pairs(text) if pair in self._all)
        odds = {
            label: sum(self._odds(label, pair) for pair in known)
            for label, counts in self._in.items()
            if sum(pair in counts for pair in known) >= LEAST
        }
        label = max(odds, key=lambda one: odds[one], default="")
        return label, odds.get(label, 0.0)

    def _odds(self, label: str, pair: str) -> float:
        inside, outside = self._in[label][pair], self._all[pair] - self._in[label][pair]
        mine = (inside + SMOOTHING) / (self._texts[label] + 2 * SMOOTHING)
        others = (outside + SMOOTHING) / (self._total - self._texts[label] + 2 * SMOOTHING)
        return math.log(mine / others)
