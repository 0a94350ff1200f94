"""Words that mean the same: a text file anyone can edit, read again when it changes."""

from __future__ import annotations

import os
from pathlib import Path

from .text import normalise

_AS_SHIPPED = ("shipped", 0)
SHIPPED = Path(__file__).parent / "data" / "synonyms.txt"


class Synonyms:
    """Groups of equal words from `edited`, or from the shipped file while that does not exist."""

    def __init__(self, edited: Path | None = None) -> None:
        self._edited = edited
        self._read_at: tuple[str, int] = ("", 0)
        self._groups: dict[str, tuple[str, ...]] = {}

    def of(self, word: str) -> tuple[str, ...]:
        """The other words of the group; () for a word without any."""
        self._refresh()
        return self._groups.get(word, ())

    def _refresh(self) -> None:
        stamp = self._stamp()
        if stamp != self._read_at:
            path = SHIPPED if stamp is _AS_SHIPPED or self._edited is None else self._edited
            self._groups = read_groups(path.read_text(encoding="utf-8"))
            self._read_at = stamp

    def _stamp(self) -> tuple[str, int]:
        """Which file holds, and its time of change; every word of a question asks."""
        if self._edited is None:
            return _AS_SHIPPED
        try:
            return "edited", os.stat(self._edited).st_mtime_ns
        except FileNotFoundError:
            return _AS_SHIPPED


def read_groups(text: str) -> dict[str, tuple[str, ...]]:
    """Word → the other words of its line. A word on two lines has the words of both."""
    groups: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        group = normalise(line.split("#", 1)[0]).split()
        for word in group:
            others = (*groups.get(word, ()), *(other for other in group if other != word))
            groups[word] = tuple(dict.fromkeys(others))
    return groups
