"""How far each anchor file had come, as the database knows it: a file that was deleted or cut is missed here.

One row a file, moved on with every batch, under a keyed code. When the file no longer holds what the row says, the row
stays for verification to name, and a new one follows the file from there on.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils import timezone

from ticketing.models import AnchorMark

from .chain import key

_TAIL = 4096


@dataclass(frozen=True)
class Place:
    """A byte position in an anchor file, behind a whole line, and that line's code."""

    file: str
    size: int
    code: str


def move(before: Place, after: Place) -> None:
    """Follows the file from `before` to `after`; what was known of a file that has shrunk or changed is kept."""
    row = AnchorMark.objects.filter(file=before.file).order_by("-pk").first()
    columns = {"size": after.size, "code": after.code, "at": timezone.now(), "mac": _mac(after)}
    if row is not None and (row.size, row.code) == (before.size, before.code):
        AnchorMark.objects.filter(pk=row.pk, size=row.size).update(**columns)
    else:
        AnchorMark.objects.create(file=after.file, **columns)


def faults(folder: Path) -> Iterator[str]:
    """What the database knows of the files and the folder does not show."""
    for row in AnchorMark.objects.order_by("file", "pk"):
        place = Place(row.file, row.size, row.code)
        if not hmac.compare_digest(_mac(place), row.mac):
            yield f"the database's mark of {row.file} was edited"
            continue
        path = folder / row.file
        if not path.is_file():
            yield f"{row.file} is missing in {folder}: the database knows that it was written"
        elif path.stat().st_size < row.size:
            yield f"{row.file} was cut: the database knows {row.size} bytes of it"
        else:
            with path.open("rb") as file:
                if code_at(file, row.size) != row.code:
                    yield f"{row.file} was put in place of another: the database knows another line at {row.size}"


def code_at(file: IO[bytes], size: int) -> str:
    """The code of the last whole line that ends at or before the position; empty when there is none."""
    file.seek(max(0, size - _TAIL))
    whole, newline, _ = file.read(min(size, _TAIL)).rpartition(b"\n")
    try:
        return str(json.loads(whole.rpartition(b"\n")[2])["a"]) if newline else ""
    except (ValueError, KeyError, TypeError):
        return ""


def _mac(place: Place) -> str:
    text = f"anchor file:{place.file}|{place.size}|{place.code}"
    return hmac.digest(key(), text.encode(), "sha256").hex()
