"""Check the replies of a file: one JSON object per line."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nlp import opening
from nlp.replies import ReplyScore, score

COLUMNS = ("id", "body", "reply")


def as_json(key: str, result: ReplyScore) -> dict[str, object]:
    """The published form of a score."""
    return {
        "id": key,
        "relevance": result.relevance,
        "completeness": result.completeness,
        "explainability": result.explainability,
        "overall": result.overall,
        "findings": [
            {"code": one.code, "severity": one.severity, "sentence": one.sentence, "hint": one.hint}
            for one in result.findings
        ],
    }


class Command(BaseCommand):
    help = "Score replies to citizens: relevance, completeness, explainability, and what to mend."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV (UTF-8 or GBK) with id, body, reply")
        parser.add_argument("--json", action="store_true", help="one JSON object per line instead of readable lines")

    def handle(self, *args: object, **options: Any) -> None:
        for row in self._rows(options["file"]):
            result = score(row["body"] or "", row["reply"] or "")
            if options["json"]:
                self.stdout.write(json.dumps(as_json(row["id"], result), ensure_ascii=False))
            else:
                hints = "；".join(dict.fromkeys(one.hint for one in result.findings)) or "未发现问题"
                self.stdout.write(f"{row['id']} 总分{result.overall:.2f} {hints}")

    def _rows(self, path: Path) -> Iterator[dict[str, str]]:
        try:
            with opening.table(path, COLUMNS) as reader:
                missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
                if missing:
                    has = ", ".join(reader.fieldnames or ()) or "none"
                    raise CommandError(
                        f"{path.name}: missing columns: {', '.join(missing)}; "
                        f"needed are {', '.join(COLUMNS)}, it has {has}"
                    )
                rows = iter(reader)
                first = next(rows, None)
                if first is None:
                    raise CommandError(f"{path.name} has a heading but no rows")
                yield first
                yield from rows
        except (opening.NoTable, UnicodeError, csv.Error) as error:
            raise CommandError(f"{path.name}: {error}") from None
        except OSError as error:
            raise CommandError(f"cannot read {path.name}: {error.strerror}") from None
