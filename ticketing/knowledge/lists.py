"""The word lists of the knowledge base: shipped beside the code, some replaced by an edited file in the data folder."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

SHIPPED = Path(__file__).parent / "data"


def edited(name: str) -> tuple[Path, int]:
    """`search/NAME` of the data folder, else the shipped file, with its time of change: each is read once."""
    own = settings.DATA / "search" / name
    path = own if own.exists() else SHIPPED / name
    return path, path.stat().st_mtime_ns


def shipped_words(name: str) -> frozenset[str]:
    """The words of a shipped list, separated by spaces; lines with # are comments."""
    lines = (SHIPPED / name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
