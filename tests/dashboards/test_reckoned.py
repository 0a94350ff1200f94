"""On imported tickets every ticket measure equals a separate computation over the CSV (`reckon.py`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from dashboards.models import Counted, Daily
from tests.city import City
from tests.dashboards.settle import settle
from tests.ticketing.bulk.test_importing import spread, write

SCRIPT = Path(__file__).with_name("reckon.py")
#: days, months and years, and a period with nothing in it
PERIODS = (
    ("2010-01-01", "2025-12-31"), ("2019-01-01", "2019-12-31"), ("2019-10-01", "2019-10-31"),
    ("2023-10-08", "2023-10-08"), ("2024-04-18", "2024-04-18"), ("2025-05-01", "2025-05-31"),
)  # fmt: skip


def _reckoned(path: Path, first: str, last: str) -> dict[str, list[float | None]]:
    """The script as a process of its own: it can use nothing of the product."""
    done = subprocess.run([sys.executable, "-I", str(SCRIPT), str(path), first, last], capture_output=True, check=True)
    return dict(json.loads(done.stdout))


def _said(first: str, last: str, *options: str) -> dict[str, list[float | None]]:
    out = StringIO()
    call_command("measures", "--from", first, "--to", last, "--json", *options, stdout=out)
    rows = json.loads(out.getvalue())["measures"]
    return {row["code"]: [row["value"], row["numerator"], row["denominator"], row["excluded"]] for row in rows}


def _compare(path: Path) -> None:
    call_command("import_complaints", str(path), "--history", stdout=StringIO())
    settle()
    for first, last in PERIODS:
        expected = _reckoned(path, first, last)
        for options in ((), ("--rollups",)):
            said = _said(first, last, *options)
            assert {code: said[code] for code in expected} == expected, (first, last, options)
    Daily.objects.all().delete()
    Counted.objects.all().delete()
    out = StringIO()
    call_command("rebuild_rollups", "--check", stdout=out)
    assert "no difference" in out.getvalue()
    whole = PERIODS[0]
    assert _said(*whole, "--rollups") == _said(*whole)


def test_measures_of_an_imported_file(city: City, tmp_path: Path) -> None:
    rows = spread(240)
    # answered at 24:00 of the third, fifth and tenth working day over a holiday with a make-up day, and a second later
    for number, day in enumerate(("09", "11", "18")):
        for late in (0, 1):
            times = ["2024-04-03T09:00:00+08:00", f"2024-04-{int(day) + 1:02}T00:00:0{late}+08:00"]
            rows.append([f"E{number}{late}", "u", "路灯", times[0], "路灯不亮。", "已经处理。", times[1]])
    _compare(write(tmp_path / "rows.csv", rows))


@pytest.mark.slow
@pytest.mark.skipif("HOTLINE_TEST_DATA_FOLDER" not in os.environ, reason="HOTLINE_TEST_DATA_FOLDER is not set")
@pytest.mark.parametrize("name", ["replied_complaints.csv", "messages.csv"])
def test_measures_of_the_real_files(city: City, name: str) -> None:
    _compare(Path(os.environ["HOTLINE_TEST_DATA_FOLDER"]) / name)
