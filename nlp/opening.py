"""Opening a table that somebody else's program wrote: which encoding, which separator, or why it is no such table.

Excel on a Chinese machine saves "CSV" as GBK and "Unicode text" as UTF-16 with tabs; other programs write UTF-8.
Nothing in the file says which, so its lines are asked: Chinese text in GB18030 (which holds all of GBK) is hardly ever
valid UTF-8.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

SEPARATORS = ",;\t"
_BLOCK = 1 << 16
_LARGEST_FIELD = 10_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = (
    (b"PK\x03\x04", "an Excel workbook or another zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF file"),
    (b"\x1f\x8b", "a gzip file"),
)
ACCEPTED = "a CSV text file in UTF-8, GB18030 (GBK) or, with a byte order mark, UTF-16 is accepted"


class NoTable(ValueError):
    """The file is no table of text; the message says what it is and what is accepted."""


def encoding_of(path: Path) -> str:
    """The codec that reads the file. Raises `NoTable` when no text is in it, `OSError`.

    A single damaged line does not change the answer: lines are counted, and what does not fit is the row's own fault.
    """
    with path.open("rb") as file:
        start = file.read(_BLOCK)
        if not start.strip():
            raise NoTable(f"the file is empty; {ACCEPTED}")
        for mark, name in _MARKS:
            if start.startswith(mark):
                return name
        for magic, what in _OTHERS:
            if start.startswith(magic):
                raise NoTable(f"this is {what}, not a text file: save it as CSV; {ACCEPTED}")
        if start.count(b"\x00") * 4 > len(start):
            raise NoTable(f"this is UTF-16 without a byte order mark, or no text; {ACCEPTED}")
        file.seek(0)
        return _most_likely(file)


def _most_likely(lines: Iterable[bytes]) -> str:
    utf8 = chinese = neither = 0
    for line in lines:
        if line.isascii():
            continue
        if _reads(line, "utf-8"):
            utf8 += 1
        elif _reads(line, "gb18030"):
            chinese += 1
        else:
            neither += 1
    if chinese > utf8:
        return "gb18030"
    if neither > utf8:
        raise NoTable(f"{neither} lines are neither UTF-8 nor GB18030; {ACCEPTED}")
    return "utf-8"


def _reads(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def separator_of(header: str, known: Iterable[str]) -> str:
    """The separator that shows the most known column names in the header line; a comma when none does."""
    names = set(known)

    def hits(separator: str) -> int:
        cells = next(csv.reader([header], delimiter=separator), [])
        return sum(cell.strip() in names for cell in cells)

    return max(SEPARATORS, key=hits)


@contextmanager
def table(path: Path, known: Iterable[str]) -> Iterator[csv.DictReader[str]]:
    """The rows of a table with a heading line, of which `known` are some names. Bytes that are no text become "\ufffd".

    Raises `NoTable`, `OSError`, and `csv.Error` while reading.
    """
    csv.field_size_limit(_LARGEST_FIELD)
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as file:
        separator = separator_of(file.readline(), known)
        file.seek(0)
        yield csv.DictReader(file, delimiter=separator)
