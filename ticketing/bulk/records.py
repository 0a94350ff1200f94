"""The records of a CSV text, one by one: a stray quote spoils its own line, not the ones after it.

Such a quote would take in the lines up to the next one, as one record that looks whole. A record of several lines must
therefore be right to the letter; of one that is not only the first line is given up, the others are read again.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from nlp import opening

#: what a spreadsheet may write before the heading line to name the separator
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\s*', re.IGNORECASE)


@dataclass(frozen=True)
class Broken:
    """A line that cannot be read: why, and its cells as far as they can be told."""

    why: str
    cells: tuple[str, ...] = ()


class Records:
    """Iterates over lists of cells and `Broken` lines; the first item is the heading."""

    def __init__(self, file: IO[str], known: Iterable[str]) -> None:
        self._file = file
        self._again: deque[str] = deque()  # lines to be read once more
        self._taken: list[str] = []  # lines of the record that is being read
        first = file.readline()
        named = _SEPARATOR_LINE.fullmatch(first)
        self._separator = named[1] if named else opening.separator_of(first, known)
        if not named:
            self._again.append(first)

    def __iter__(self) -> Iterator[list[str] | Broken]:
        reader = csv.reader(self._lines(), delimiter=self._separator)
        while True:
            self._taken.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Broken(f"无法按 CSV 读取：{error}")
                continue
            if not self._stray():
                yield cells
                continue
            self._again.extendleft(reversed(self._taken[1:]))
            line = csv.reader(self._taken[:1], delimiter=self._separator)
            yield Broken("引号没有结束或位置不对", tuple(next(line)))
            reader = csv.reader(self._lines(), delimiter=self._separator)

    def _lines(self) -> Iterator[str]:
        while line := self._again.popleft() if self._again else self._file.readline():
            self._taken.append(line)
            yield line

    def _stray(self) -> bool:
        """Whether a quote of the record is not where one may be; in a single line only one that never ends counts."""
        single = len(self._taken) == 1
        if single and self._taken[0].count('"') % 2 == 0:
            return False
        try:
            list(csv.reader(self._taken, delimiter=self._separator, strict=True))
        except csv.Error as error:
            return not single or "unexpected end" in str(error)
        return False
