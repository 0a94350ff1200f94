"""Importing a complaints file: everything that is right goes in, once; everything else is named.

Without `--history` each row is accepted now, like a complaint that just came. With it, each walks its life at its own
times: created, and answered and closed at `replied_at`. Dispatch and signing stay unknown, no notice goes out, no
ladder is climbed. A batch is one transaction, so a killed import leaves whole tickets only; running it again adds the
rest.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from nlp.opening import NoTable
from ticketing.clocks import running
from ticketing.intake.accept import accept_many, find_known, find_places, new_case, outer
from ticketing.intake.understanding import Understanding
from ticketing.journal import anchor
from ticketing.lifecycle.actors import SYSTEM
from ticketing.lifecycle.case import Case, write
from ticketing.lifecycle.table import Action
from ticketing.models import Reply
from ticketing.terms import ClockName, ClockState

from .rows import NEEDED, OPTIONAL, Reader, Reject, Row

BATCH = 100


@dataclass
class Tally:
    """What became of the rows."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0

    @property
    def rows(self) -> int:
        return self.accepted + self.duplicates + self.rejected


class Rejects:
    """The rejects file: row number, reason and the row as it was, ready to be mended and imported again."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file = path.open("w", encoding="utf-8", errors="surrogateescape", newline="") if path else None
        if self._file:
            csv.writer(self._file).writerow(["row", "reason", *NEEDED, *OPTIONAL])

    def add(self, reject: Reject) -> None:
        if self._file:
            values = [reject.raw.get(name, "") for name in (*NEEDED, *OPTIONAL)]
            csv.writer(self._file).writerow([reject.number, reject.reason, *values])

    def close(self) -> None:
        if self._file:
            self._file.close()


def import_file(
    path: Path,
    *,
    channel: str,
    history: bool,
    source: str = "",
    rejects: Path | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Tally:
    """Imports the file and returns the tally. Raises `NoTable` (`BadColumns`), `OSError`; then nothing went in."""
    if rejects and rejects.exists() and path.samefile(rejects):
        raise NoTable("the rejects file is the file itself; name another one")
    tally = Tally()
    book = Rejects(rejects)
    try:
        for chunk in _chunks(Reader(channel, history, source).read(path)):
            rows = [item for item in chunk if isinstance(item, Row)]
            for item in chunk:
                if isinstance(item, Reject):
                    tally.rejected += 1
                    book.add(item)
            new = (_history if history else _fresh)(rows) if rows else 0
            tally.accepted += new
            tally.duplicates += len(rows) - new
            if progress is not None:
                progress(tally)
    finally:
        book.close()
        anchor.catch_up()  # whoever deletes an imported ticket a moment later is found out
    return tally


def _chunks(items: Iterable[Row | Reject]) -> Iterator[list[Row | Reject]]:
    source = iter(items)
    while chunk := list(islice(source, BATCH)):
        yield chunk


def _fresh(rows: list[Row]) -> int:
    return sum(accepted.new for accepted in accept_many([row.report for row in rows], actor=SYSTEM))


def _history(rows: list[Row]) -> int:
    """Stores a batch of past matters; tried again when another import put one of them in a moment ago."""
    reports = [row.report for row in rows]
    places = find_places(reports)
    # language work waits: what was answered needs none, and what is open is read in the background (intake.later)
    readings = [Understanding()] * len(rows)
    for _ in range(5):
        known = set(find_known(reports))
        cases: list[Case] = []
        for row, reading in zip(rows, readings, strict=True):
            key = outer(row.report)
            if key not in known:
                known.add(key)
                created = row.report.created_at or timezone.now()
                case, _ = new_case(row.report, reading, places, SYSTEM, created, history=True)
                if row.reply:
                    _answer(case, row)
                cases.append(case)
        try:
            with transaction.atomic():
                write(cases)
        except IntegrityError:
            continue
        return len(cases)
    raise RuntimeError("the batch could not be stored: numbers kept colliding")


def _answer(case: Case, row: Row) -> None:
    """Answered and closed at `replied_at`; the handle clock runs from acceptance, for the dispatch is not known."""
    created = case.now
    assert row.replied_at is not None
    case.now = row.replied_at
    case.begin(Action.IMPORT_REPLY)
    running.stop(case, ClockName.DISPATCH, state=ClockState.UNKNOWN)
    running.start(case, ClockName.HANDLE, at=created)
    running.stop(case, ClockName.HANDLE)
    case.add(Reply(ticket=case.ticket, public_answer=row.reply, created_at=row.replied_at))
    case.put(replied_at=row.replied_at, closed_at=row.replied_at, public_answer=row.reply)
