"""What a caller meets before an agent: keys in greeting, menu and queue, closed lines, full queues, the blocked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.system.phones import House, until
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]
SHUT, MENU, FULL = "12301", "12302", "12303"
NUISANCE = "13800009999"
SETUP = f"""
from datetime import timedelta
from django.utils import timezone
from directory.models import Staff
from telephony.models import Line, NuisanceCaller, Queue
from ticketing.privacy.crypto import seal
Queue.objects.update_or_create(name="short", defaults=dict(label="短队", max_wait_seconds=3))
Line.objects.update_or_create(number="{SHUT}", defaults=dict(queue_id="normal", hours="00:00-00:00,*,1,feb"))
Line.objects.update_or_create(number="{MENU}", defaults=dict(queue_id="normal", menu=True))
Line.objects.update_or_create(number="{FULL}", defaults=dict(queue_id="short"))
NuisanceCaller.objects.update_or_create(number_hash="test", defaults=dict(
    number_box=seal("{NUISANCE}"), reason="辱骂", staff=Staff.objects.order_by("pk").first(), created_at=timezone.now(),
    review_on=timezone.localdate() + timedelta(days=30)))
"""
GREETED = 1500  # milliseconds into the greeting
QUEUED = 14000  # the greeting is over, the caller waits


@pytest.fixture(scope="module")
def lines(home: House) -> None:
    """The operator's change while the system runs: rows, then a reload."""
    home.manage("shell", "-c", SETUP)
    home.asterisk("reload", "--trial", "12", "--trial-net", sipp.NET)


@contextmanager
def police(folder: Path) -> Iterator[None]:
    tone = sipp.tone_pcap(folder / "police.pcap", 440, 60)
    steps = [*sipp.ANSWER, sipp.play(tone), sipp.pause(4000), *sipp.HANGUP]
    with sipp.Sipp(steps, folder / "police", sipp.POLICE, callee=True):
        yield


def call(home: House, folder: Path, number: str, *steps: str, line: str = "12345") -> sipp.Sipp:
    """A caller who does this and listens until Asterisk hangs up."""
    walk = [*sipp.CALL, *steps, *sipp.HUNG_UP]
    return sipp.Sipp(walk, folder / number, sipp.CALLER, remote=home.remote, caller=number, service=line)


def newest(home: House, known: int) -> dict[str, Any]:
    """The call that comes after the `known` ones."""
    until(lambda: len(home.calls()) > known, 15, "the caller has come")
    return home.calls()[-1]


def test_what_a_caller_meets_before_an_agent(home: House, lines: None, tmp_path: Path) -> None:
    """No agent is there. All callers at once; each is known by the line or by what it did."""
    first = len(home.calls())
    callers = {
        "asked": call(home, tmp_path, "13800009001", sipp.pause(QUEUED), sipp.key("1")),
        "greeting": call(home, tmp_path, "13800009002", sipp.pause(GREETED), sipp.key("9")),
        "queue": call(home, tmp_path, "13800009003", sipp.pause(QUEUED), sipp.key("9")),
        "menu": call(home, tmp_path, "13800009004", sipp.pause(GREETED), sipp.key("9"), line=MENU),
        "shut": call(home, tmp_path, "13800009005", line=SHUT),
        "full": call(home, tmp_path, "13800009006", line=FULL),
        "blocked": call(home, tmp_path, NUISANCE),
    }
    rows: dict[str, dict[str, Any]] = {}
    with police(tmp_path), ExitStack() as stack:
        for name, one in callers.items():
            stack.enter_context(one)
            rows[name] = newest(home, first + len(rows))
        for name, one in callers.items():
            assert one.end(120) == 0, name
    until(lambda: all(row["status"] == "ended" for row in home.calls()[first:]), 20, "all are over")
    after = {row["id"]: row for row in home.calls()}
    outcomes = {name: after[row["id"]]["outcome"] for name, row in rows.items()}
    assert outcomes == {
        "asked": "abandoned", "greeting": "emergency", "queue": "emergency", "menu": "emergency", "shut": "overflowed",
        "full": "overflowed", "blocked": "blocked",
    }  # fmt: skip
    owed = {row["call"]: row["kind"] for row in home.rows("SELECT call, kind FROM telephony_callbackrequest")}
    kinds = {name: owed.get(row["call"]) for name, row in rows.items()}
    assert kinds == {
        "asked": "asked", "greeting": None, "queue": None, "menu": None, "shut": "abandoned", "full": "abandoned",
        "blocked": None,
    }  # fmt: skip
