"""Words that mean the same: a text file anyone can edit, read again when it changes."""

from __future__ import annotations

from pathlib import Path

from .text import normalise

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
        path = self._edited if self._edited is not None and self._edited.exists() else SHIPPED
        stamp = (str(path), path.stat().st_mtime_ns)
        if stamp != self._read_at:
            self._groups = read_groups(path.read_text(encoding="utf-8"))
            self._read_at = stamp


def read_groups(text: str) -> dict[str, tuple[str, ...]]:
    """Word → the other words of its line. A word on two lines has the words of both."""
    groups: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        group = normalise(line.split("#", 1)[0]).split()
        for word in group:
            others = (*groups.get(word, ()), *(other for other in group if other != word))
            groups[word] = tuple(dict.fromkeys(others))
    return groups
