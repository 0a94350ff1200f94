"""Measure the check of replies: python benchmarks/replies.py DATA_FOLDER. Prints JSON.

bad_replies.json holds bad replies of known kinds, written for questions that it names by id. The figure is the area
under the ROC curve of `overall` between them and the real replies: all of them, those that are not themselves
empty (60 characters or more), and those of 100 characters or more. `under_other_questions` uses real replies under the
next question as off-topic ones.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections import Counter
from pathlib import Path

from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nlp.replies import ReplyScore, score

BAD: list[dict[str, str]] = json.loads((Path(__file__).parent / "bad_replies.json").read_text("utf-8"))
EMPTY_BELOW = 60
BRIEF_BELOW = 100


def auc(good: list[ReplyScore], bad: list[ReplyScore]) -> float:
    truth = [1] * len(good) + [0] * len(bad)
    return round(float(roc_auc_score(truth, [one.overall for one in [*good, *bad]])), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    with (parser.parse_args().folder / "replied_complaints.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    questions = {row["id"]: row["body"] for row in rows}
    start = time.process_time()
    real = [score(row["body"], row["reply"]) for row in rows]
    spent = (time.process_time() - start) / len(rows) * 1000
    full = [one for one, row in zip(real, rows, strict=True) if len(row["reply"]) >= EMPTY_BELOW]
    told = [one for one, row in zip(real, rows, strict=True) if len(row["reply"]) >= BRIEF_BELOW]
    bad = [score(questions[entry["id"]], entry["reply"]) for entry in BAD]
    others = [score(row["body"], other["reply"]) for row, other in zip(rows, [*rows[7:], *rows[:7]], strict=True)]
    kinds = sorted({entry["kind"] for entry in BAD})
    by_kind = {kind: [one for one, entry in zip(bad, BAD, strict=True) if entry["kind"] == kind] for kind in kinds}
    result = {
        "bad_replies": Counter(entry["kind"] for entry in BAD),
        "auc_all_real": auc(real, bad),
        "auc_real_not_empty": auc(full, bad),
        "auc_real_not_brief": auc(told, bad),
        "auc_by_kind": {kind: auc(real, some) for kind, some in by_kind.items()},
        "auc_by_kind_real_not_empty": {kind: auc(full, some) for kind, some in by_kind.items()},
        "auc_under_other_questions": auc(full, others),
        "cpu_ms_per_reply": round(spent, 2),
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
