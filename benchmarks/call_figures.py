"""What a run with calls says of itself: the journal beside Asterisk's own queue_log, delays, memory, SIPp's books."""

from __future__ import annotations

import csv
from bisect import bisect_left
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.system.phones import House


def spread(seconds: list[float]) -> dict[str, Any]:
    """Count and percentiles, in milliseconds."""
    ordered = sorted(seconds)

    def at(share: float) -> float | None:
        return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else None

    return {"n": len(ordered), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "longest": at(1)}


def stamp(text: str) -> float:
    """Epoch seconds of a time as SQLite holds it (UTC)."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


class Books:
    """Unique ids of what happened since this object was made: Asterisk's queue_log beside our journal."""

    KINDS = {"ENTERQUEUE": "queued", "CONNECT": "connected", "ABANDON": "abandoned"}

    def __init__(self, home: House) -> None:
        self.home = home
        self.lines = len(home.queue_log())
        self.event = home.rows("SELECT max(id) AS n FROM telephony_callevent")[0]["n"] or 0

    def compared(self) -> dict[str, Any]:
        log = [row for row in self.home.queue_log()[self.lines :] if len(row) > 4]
        rows = self.home.rows("SELECT call, kind FROM telephony_callevent WHERE id > ?", self.event)
        found = {}
        for theirs, ours in self.KINDS.items():
            asterisk = {row[1] for row in log if row[4] == theirs}
            journal = {row["call"] for row in rows if row["kind"] == ours}
            found[theirs.lower()] = {
                "queue_log": len(asterisk), "journal": len(journal), "lost": len(asterisk - journal),
                "invented": len(journal - asterisk),
            }  # fmt: skip
        return found

    def joins(self) -> set[str]:
        return {row[1] for row in self.home.queue_log()[self.lines :] if len(row) > 4 and row[4] == "ENTERQUEUE"}

    def open_calls(self) -> list[str]:
        return [row["call"] for row in self.home.calls() if row["status"] != "ended"]

    def pops(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Asterisk's INVITE (Newchannel) → the console has the pop's content; who waited for a free seat is apart."""
        rows = self.home.rows(
            "SELECT call, kind, min(at) AS at FROM telephony_callevent WHERE id > ? AND kind IN "
            "('arrived', 'queued', 'ringing') GROUP BY call, kind",
            self.event,
        )
        times: dict[str, dict[str, float]] = {}
        for row in rows:
            times.setdefault(row["call"], {})[row["kind"]] = stamp(row["at"])
        invite, ring, hint, waited = [], [], [], 0
        for one in seen["pops"]:
            moments = times.get(one["call"], {})
            if len(moments) < 3:
                continue
            if moments["ringing"] - moments["queued"] > 0.25:
                waited += 1  # all seats were busy: that wait is the queue's, not the pop's
                continue
            invite.append(one["pop"] - moments["arrived"])
            ring.append(one["pop"] - moments["ringing"])
            early = [at for at in seen["hints"].get(one["seat"], []) if at >= moments["ringing"] - 0.001]
            if early:
                hint.append(early[0] - moments["ringing"])
        return {"invite_to_pop_ms": spread(invite), "ring_to_pop_ms": spread(ring), "ring_to_hint_ms": spread(hint),
                "waited_for_a_seat": waited}  # fmt: skip

    def boards(self, seen: dict[str, Any]) -> dict[str, Any]:
        """`board_ms`: a board's moment → each socket. `happening_to_board_ms`: Asterisk's time of each journal row →
        the last socket that shows it, of those that change what a board shows: a greeting that begins does not."""
        rows = self.home.rows(
            "SELECT id, at FROM telephony_callevent WHERE id > ? AND kind IN ('queued', 'ringing', 'connected') "
            "ORDER BY id",
            self.event,
        )
        known = [one["event"] for one in seen["boards"]]
        fresh = []
        for row in rows:
            place = bisect_left(known, row["id"])
            if place < len(known):
                fresh.append(max(seen["boards"][place]["seen"]) - stamp(row["at"]))
        return {"board_ms": spread(seen["made"]), "happening_to_board_ms": spread(fresh)}


def callers(folder: Path) -> dict[str, Any]:
    """SIPp's own books of one crowd: calls, failures, INVITEs sent again, time to the answer."""
    [stats] = folder.glob("*_.csv")
    with stats.open(newline="") as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    answers = [
        float(row["response_time_ms"]) / 1000
        for path in folder.glob("*_rtt.csv")
        for row in csv.DictReader(path.open(newline=""), delimiter=";")
    ]
    return {
        "calls": int(last["TotalCallCreated"]), "failed": int(last["FailedCall(C)"]),
        "sent_again": int(last["Retransmissions(C)"]), "answer_ms": spread(answers),
    }  # fmt: skip


def memory(pid: int) -> float:
    """Resident megabytes."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def cpu(pid: int) -> float:
    """Seconds of CPU that a process and those it started have used."""
    total = 0.0
    for one in [pid, *children(pid)]:
        parts = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(parts[11]) + int(parts[12])) / 100
    return total


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in text.split()]


def slope(samples: list[tuple[float, float]]) -> float | None:
    """Megabytes an hour by least squares over the later two thirds: what it grew to at the start is no leak."""
    late = samples[len(samples) // 3 :]
    if len(late) < 3:
        return None
    x0, y0 = sum(x for x, _ in late) / len(late), sum(y for _, y in late) / len(late)
    width = sum((x - x0) ** 2 for x, _ in late)
    return round(3600 * sum((x - x0) * (y - y0) for x, y in late) / width, 2) if width else None
