"""Whether characters found in a text are words of it, or only stand there by chance: 打针 in 拨打针对, 河 in 黄河路."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate

from nlp.segment import segment

_NAMES = ("ns", "nt")  # marks of names of places and of organisations


class Text:
    """A text (normalised) with the borders of its words, which are only looked for when something is found in it."""

    def __init__(self, said: str) -> None:
        self.said = said

    def whole(self, start: int, end: int) -> bool:
        """Whether at least one end is a border of a word, and all of it is not within a longer name."""
        if not (start in self._borders or end in self._borders):
            return False
        return not any(left <= start and end <= right and end - start < right - left for left, right in self._names)

    def cut(self, start: int, end: int) -> bool:
        """Whether both ends are borders of words."""
        return start in self._borders and end in self._borders

    def find(self, word: str, start: int, end: int) -> int:
        """Like `str.find`, for the first place where `word` is whole."""
        at = self.said.find(word, start, end)
        while at >= 0 and not self.whole(at, at + len(word)):
            at = self.said.find(word, at + 1, end)
        return at

    @cached_property
    def _borders(self) -> frozenset[int]:
        return frozenset(accumulate(map(len, segment(self.said)), initial=0))

    @cached_property
    def _names(self) -> list[tuple[int, int]]:
        import rjieba  # its dictionary takes a tenth of a second, which no process needs that is never asked

        found, at = [], 0
        for word, kind in rjieba.tag(self.said):
            if len(word) > 1 and kind in _NAMES:
                found.append((at, at + len(word)))
            at += len(word)
        return found
