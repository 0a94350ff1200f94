"""Every ticket measure of an imported file, computed from the CSV alone: no product code, no database.

    python tests/dashboards/reckon.py replied_complaints.csv 2019-01-01 2019-12-31

Prints code → [value, numerator, denominator, left out]. Rules: docs/measures.md. A file knows when a matter came and
when it was answered, nothing else: its kind is unknown and counts as 投诉 (10 working days, 24:00 of the tenth), and
what hangs on dispatch, signing, call-back and rating is not known.
"""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

import chinese_calendar

CHINA = timezone(timedelta(hours=8))
Line = list[float | int | None]


def limit(start: datetime, days: int) -> date:
    """The N-th working day after the day of `start`."""
    day = start.astimezone(CHINA).date()
    while days:
        day += timedelta(1)
        days -= bool(chinese_calendar.is_workday(day))
    return day


def rate(good: int, total: int, out: int = 0) -> Line:
    exact = Decimal(100 * good) / total if total else None
    return [None if exact is None else float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP)), good, total, out]


def reckon(path: str, first: date, last: date) -> dict[str, Line]:
    with open(path, encoding="utf-8", newline="") as file:
        rows = [(row["created_at"], row.get("replied_at") or "") for row in csv.DictReader(file)]
    known = [(datetime.fromisoformat(a), datetime.fromisoformat(b) if b else None) for a, b in rows]

    def inside(day: date) -> bool:
        return first <= day <= last

    def local(moment: datetime) -> date:
        return moment.astimezone(CHINA).date()

    def in_time(begun: datetime, ended: datetime, days: int) -> bool:
        return local(ended - timedelta(microseconds=1)) <= limit(begun, days)  # 24:00 still counts

    came = sum(inside(local(begun)) for begun, _ in known)
    pairs = [(begun, ended) for begun, ended in known if ended is not None]
    answered = [(begun, ended) for begun, ended in pairs if inside(local(ended))]
    due = [(begun, ended) for begun, ended in pairs if inside(limit(begun, 10))]
    kept = sum(in_time(begun, ended, 10) for begun, ended in due)
    none = rate(0, 0)
    found: dict[str, Line] = {
        "received": [came, came, None, 0],
        "closed": [len(answered), len(answered), None, 0],
        "direct_answer_rate": rate(0, 0, came),
        "close_on_time": rate(kept, len(due)),
        "reply_on_time": rate(kept, len(due)),
        "redo_rate": rate(0, 0, len(answered)),
        "self_review_rate": rate(0, 0, len(answered)),
    }
    for days in (3, 5, 10):
        good = sum(in_time(begun, ended, days) for begun, ended in answered)
        found[f"answered_within_{days}"] = rate(good, len(answered))
    unknown = "sign_on_time assist_on_time feedback_on_time dispatch_accuracy return_rate extension_rate callback_rate"
    unknown += " callback_on_time response_rate solved_rate satisfaction_rate good_review_rate bad_review_rectified"
    return found | dict.fromkeys(unknown.split(), none)


if __name__ == "__main__":
    begin, end = (date.fromisoformat(text) for text in sys.argv[2:4])
    print(json.dumps(reckon(sys.argv[1], begin, end), ensure_ascii=False, indent=1))
