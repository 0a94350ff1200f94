"""Which matter a question resembles when no word names one: all characters and pairs of characters together decide.

Every matter is a bag of the characters of its words; a question is compared with all bags at once. 厂里, 腰, 老板, 治
alone name nothing, but together they stand in no bag as often as in that of 工伤. Nothing is learnt or kept: the bags
are the words of `data/matters.txt`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import log, sqrt

_RUN = re.compile("[a-z0-9]+|[\u3400-\u9fff]+")
#: a pair of characters says more than its two characters
_PAIR, _SINGLE = 1.5, 0.6
#: matters with many words are not to win by that alone, nor those with few
_LENGTH = 0.6
#: how rare a piece counts that stands in no bag
_UNKNOWN = 5.0


def pieces(text: str) -> Counter[str]:
    """Characters and pairs of neighbouring characters."""
    found: Counter[str] = Counter()
    for run in _RUN.findall(text):
        found.update(run)
        found.update(run[at : at + 2] for at in range(len(run) - 1))
    return found


class Bags:
    """Words as weights of characters and pairs; a bag belongs to a matter, by number, and a matter may have several."""

    def __init__(self, bags: Sequence[tuple[int, Iterable[str]]]) -> None:
        self._owners = [owner for owner, _ in bags]
        counts: list[Counter[str]] = []
        for _, words in bags:
            bag: Counter[str] = Counter()
            for word in words:
                bag.update(pieces(word))
            counts.append(bag)
        spread = Counter(piece for bag in counts for piece in bag)
        self._rarity = {piece: log(len(counts) / number) for piece, number in spread.items()}
        self._bags: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, bag in enumerate(counts):
            weights = {piece: (1 + log(count)) * self._weight(piece) for piece, count in bag.items()}
            length = sqrt(sum(weight * weight for weight in weights.values())) ** _LENGTH or 1.0
            for piece, weight in weights.items():
                self._bags[piece].append((number, weight / length))

    def _weight(self, piece: str) -> float:
        return self._rarity[piece] * (_PAIR if len(piece) == 2 else _SINGLE)

    def runs(self, text: str, owner: int) -> list[tuple[int, int]]:
        """The pieces of `text` that stand in a bag of `owner`, pair by pair: where each begins and ends."""
        found: list[tuple[int, int]] = []
        for run in _RUN.finditer(text):
            for at in range(run.start(), run.end() - 1):
                if not self._has(text[at : at + 2], owner):
                    continue
                if found and found[-1][1] == at + 1:
                    found[-1] = found[-1][0], at + 2
                else:
                    found.append((at, at + 2))
        return found

    def _has(self, piece: str, owner: int) -> bool:
        return any(self._owners[number] == owner for number, _ in self._bags.get(piece, ()))

    def likeness(self, text: str) -> dict[int, float]:
        """How much `text` (normalised) resembles each matter that shares a character with it; 0.5 is much."""
        said = pieces(text)
        length = sqrt(sum(self._rarity.get(piece, _UNKNOWN) ** 2 for piece in said)) or 1.0
        found: defaultdict[int, float] = defaultdict(float)
        for piece in said:
            for number, weight in self._bags.get(piece, ()):
                found[number] += weight * self._rarity[piece] / length
        best: defaultdict[int, float] = defaultdict(float)
        for number, amount in found.items():
            best[self._owners[number]] = max(best[self._owners[number]], amount)
        return dict(best)
