"""Recording a phone system's events without anybody's number, and playing them again through the same door."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from telephony.bridge import Bridge
from telephony.gateways.asterisk.log import BadLog, Recorder, invented, masked, read
from telephony.gateways.asterisk.normalise import Normaliser
from telephony.gateways.events import CallEvent
from telephony.gateways.replay import ReplayGateway
from telephony.models import Call
from tests.telephony.gateways.test_normalise import CALLER, LEG, connect, ev, kinds

#: two calls of a real Asterisk 22, written by `bridge --record` while SIPp rang (tests/system/test_calls_robot.py)
REAL = Path(__file__).parent / "recorded_ami.jsonl"


def talk() -> list[object]:
    return [
        *connect(),
        ev("Hangup", Uniqueid=LEG, Cause="16"),
        ev("UserEvent", UserEvent="HotlineRating", Callid=CALLER, Rating="4", Interface="PJSIP/8001"),
        ev("RTCPSent", To="10.0.0.1:4000"),
        ev("Hangup", Uniqueid=CALLER, Cause="16"),
    ]


def recorded(path: Path) -> Path:
    recorder = Recorder(path)
    for message in talk():
        recorder(message)  # type: ignore[arg-type]
    recorder.close()
    return path


def test_a_log_holds_what_the_translator_reads_and_no_number(tmp_path: Path) -> None:
    path = recorded(tmp_path / "ami.jsonl")
    text = path.read_text(encoding="utf-8")
    assert "13800000001" not in text and "RTCPSent" not in text and path.stat().st_mode & 0o077 == 0
    assert invented("13800000001") in text and invented("13800000001") != invented("13800000002")
    straight, again = Normaliser("n1"), Normaliser("n1")
    want = [item for message in talk() for item in straight.feed(message)]  # type: ignore[arg-type]
    got = [item for message in read(path) for item in again.feed(message)]
    assert kinds(got) == kinds(want) and len(got) >= 6


def test_numbers_hide_wherever_they_stand() -> None:
    message = ev(
        "Newchannel", CallerIDNum="anonymous", CallerIDName="张三", Exten="013812345678",
        Channel="Local/13812345678@out-1;1", Uniqueid="n1-1795379975.12",
    )  # fmt: skip
    found = masked(message)
    assert "3812345678" not in str(found) and "张三" not in str(found)
    assert found["Uniqueid"] == "n1-1795379975.12" and found["CallerIDNum"] == "anonymous"


def test_a_second_recording_goes_on_in_the_same_file(tmp_path: Path) -> None:
    path = recorded(tmp_path / "ami.jsonl")
    once = len(list(read(path)))
    assert len(list(read(recorded(path)))) == 2 * once


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "empty"), ("{}", "first line"), ("junk", "line 1"),
     ('{"format": "hotline-ami-log", "version": 1}\n{"name": "Hangup", "keys": {}}', "line 2")],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadLog, match=said):
        list(read(path))
    with pytest.raises(CommandError, match=said):
        call_command("bridge", "--gateway", "demo", "--replay", str(path))


def test_real_and_invented_calls_are_never_mixed(tmp_path: Path) -> None:
    for arguments in (["asterisk", "--replay", "x"], ["demo", "--record", str(tmp_path / "x")]):
        with pytest.raises(CommandError, match="--re"):
            call_command("bridge", "--gateway", *arguments)
    with pytest.raises(CommandError, match="not 'fax'"):
        call_command("bridge", "--gateway", "fax")


@pytest.mark.django_db
def test_a_replay_makes_calls_of_its_own_each_time(tmp_path: Path) -> None:
    path = recorded(tmp_path / "ami.jsonl")
    for run in ("one", "two"):
        gateway = ReplayGateway("default", path, speed=1000)
        gateway.run = run
        gateway.start()
        bridge = Bridge(gateway)
        for _ in range(50):
            bridge.step(0.002)
    rows = list(Call.objects.order_by("call"))
    assert [(row.call, row.outcome, row.rating) for row in rows] == [
        (f"{CALLER}~one", "answered", 4), (f"{CALLER}~two", "answered", 4),
    ]  # fmt: skip


def test_the_real_log_is_translated_whole_and_holds_no_real_number() -> None:
    normaliser, events = Normaliser("default"), list(read(REAL))
    happenings = [item for message in events for item in normaliser.feed(message)]
    calls = [item for item in happenings if isinstance(item, CallEvent)]
    assert {"arrived", "queued", "abandoned", "ended"} <= set(kinds(calls))
    assert not re.search(r"13800001111", REAL.read_text(encoding="utf-8"))
    assert json.loads(REAL.read_text(encoding="utf-8").splitlines()[0])["format"] == "hotline-ami-log"
