"""What the whole package promises: no Django, nothing heavy at import, no network."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

MODULES = (
    "nlp.segment",
    "nlp.classify",
    "nlp.urgency",
    "nlp.privacy",
    "nlp.extract",
    "nlp.kinds",
    "nlp.duplicates",
    "nlp.hotspots",
    "nlp.replies",
)
HEAVY = ("django", "numpy", "scipy", "sklearn", "rjieba", "jieba")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("module", MODULES)
def test_import_is_light(module: str) -> None:
    loaded = json.loads(run(f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"))
    assert not [name for name in HEAVY if name in loaded]


def test_everything_works_without_django_and_network() -> None:
    code = """
import socket
def closed(*args, **kwargs):
    raise OSError("no network here")
socket.socket.connect = closed
from datetime import datetime, timezone
from nlp.duplicates import fingerprint, score
from nlp.extract import PlaceIndex, extract
from nlp.hotspots import Item, find
from nlp.privacy import mask
from nlp.replies import score as score_reply
from nlp.urgency import assess
assert assess("楼道里煤气味很重").level == "critical"
assert mask("电话13838380438") == "电话138****0438"
assert extract("请问居住证怎么办理？", PlaceIndex([])).kind.kind == "consult"
assert score(fingerprint("路灯不亮"), fingerprint("路灯不亮")).score > 0.9
assert score_reply("路灯何时修好？", "已收悉").overall < 0.2
now = datetime(2026, 1, 1, tzinfo=timezone.utc)
find([Item(str(n), str(n), "翠屏小区搅拌站噪音", "翠屏小区搅拌站噪音扰民", now) for n in range(3)])
import sys
assert "django" not in sys.modules
print("done")
"""
    assert run(code).strip() == "done"
