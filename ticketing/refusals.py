"""Typed lists that ship as data: refusal codes with their scripts, and the grounds of a return."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ticketing.errors import BadInput

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Entry:
    """A code, its name, and the script (refusals) or what must be attached (returns)."""

    code: str
    name: str
    script: str


@lru_cache(maxsize=4)
def _entries(file: str, column: str) -> dict[str, Entry]:
    with (DATA / file).open(encoding="utf-8", newline="") as rows:
        return {row["code"]: Entry(row["code"], row["name"], row[column]) for row in csv.DictReader(rows)}


def refusals() -> dict[str, Entry]:
    """The codes of 不予受理 (DOMAIN §4)."""
    return _entries("refusals.csv", "script")


def return_grounds() -> dict[str, Entry]:
    """The grounds of 退单."""
    return _entries("return_grounds.csv", "needs")


def refusal(code: str) -> Entry:
    return _one("code", code, refusals())


def return_ground(code: str) -> Entry:
    return _one("ground", code, return_grounds())


def _one(field: str, code: str, entries: dict[str, Entry]) -> Entry:
    if code not in entries:
        raise BadInput(field, f"“{field}”只接受：{'、'.join(entries)}", accepted=list(entries))
    return entries[code]
