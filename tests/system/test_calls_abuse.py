"""Abuse of the link during live calls: after recovery no call is missing, double or open for ever; seats are true."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.system.phones import TOP, House, until
from tests.system.proxy import Proxy
from tests.system.robots import script
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]
ROBOTS = 8
STAY, LEAVE = 14, 6


@pytest.fixture
def robots(home: House, tmp_path: Path) -> Iterator[None]:
    """Eight seats that answer by themselves and stay on the line."""
    with ExitStack() as stack:
        voice = sipp.play(sipp.tone_pcap(tmp_path / "voice.pcap", 700, 300))  # a silent leg counts as lost
        for n in range(ROBOTS):
            steps = [*sipp.ANSWER, voice, *sipp.HUNG_UP]
            stack.enter_context(sipp.Sipp(steps, tmp_path / f"r{n}", f"{sipp.NET}.1.{n + 1}", callee=True))
        process = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-c", script(ROBOTS)], cwd=TOP, env=home.environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            until(lambda: process.stdout.readline().strip() == b"ready", 40, "robots are ready")  # type: ignore[union-attr]
            yield
        finally:
            home.asterisk("cli", "channel request hangup all")
            process.terminate()
            process.wait(60)


def live(home: House) -> set[str]:
    """Call ids of the callers' legs that Asterisk has now."""
    lines = home.asterisk("cli", "core show channels concise").splitlines()
    return {line.split("!")[13] for line in lines if line.startswith("PJSIP/trial-carrier")}


def opened(home: House) -> set[str]:
    rows = [row["call"] for row in home.calls() if row["status"] != "ended"]
    assert len(rows) == len(set(rows)), "a call is double"
    return set(rows)


def talking_seats(home: House) -> set[str]:
    return {name.split("/")[1].split("-")[0] for name in home.channels() if name.startswith("PJSIP/90")}


def shown_talking(home: House) -> set[str]:
    return {row["extension"] for row in home.rows("SELECT * FROM telephony_seatstate WHERE mode = 'talking'")}


def hang_up_some(home: House) -> None:
    """Those of the crowd who leave do it now."""
    rows = [line.split("!") for line in home.asterisk("cli", "core show channels concise").splitlines()]
    going = [row[0] for row in rows if row[0].startswith("PJSIP/trial-carrier") and row[7].startswith("139")]
    assert len(going) == LEAVE
    home.cue(*going)


def crowd(home: House, folder: Path, stack: ExitStack) -> None:
    """Twenty callers: fourteen stay, six hang up when told to."""
    voice = sipp.play(sipp.tone_pcap(folder.with_suffix(".pcap"), 500, 300))
    leave = [*sipp.CALL, voice, *sipp.CUE, *sipp.HANGUP]
    stay = [*sipp.CALL, voice, *sipp.HUNG_UP]
    for steps, count, caller in ((stay, STAY, "13800[call_number]"), (leave, LEAVE, "13900[call_number]")):
        stack.enter_context(
            sipp.Sipp(steps, folder / caller[:3], sipp.CALLER, remote=home.remote, calls=count, rate=10, caller=caller)
        )
    until(lambda: len(opened(home)) == STAY + LEAVE, 25, "twenty calls")
    until(lambda: len(shown_talking(home)) == ROBOTS, 25, "eight talk")


def true_again(home: House, seconds: float = 15) -> None:
    until(lambda: opened(home) == live(home), seconds, "open calls are the live calls")
    until(lambda: shown_talking(home) == talking_seats(home), 5, "seats are true")
    first = [row["call"] for row in home.calls()]
    assert len(first) == len(set(first))


def test_a_killed_bridge(home: House, robots: None, tmp_path: Path) -> None:
    before = {row["call"] for row in home.calls()}
    with ExitStack() as stack:
        crowd(home, tmp_path, stack)
        home.end("bridge", kill=True)
        hang_up_some(home)
        until(lambda: len(live(home)) == STAY, 40, "six hung up while nobody looked")
        home.start_bridge()
        true_again(home)
        mine = [row for row in home.calls() if row["call"] not in before]
        assert len(mine) == STAY + LEAVE, "none is missing"
        gone = [row for row in mine if row["status"] == "ended"]
        assert len(gone) == LEAVE
        kinds = {
            r["kind"]
            for row in gone
            for r in home.rows("SELECT kind FROM telephony_callevent WHERE call = ?", row["call"])
        }
        assert "end_unknown" in kinds
    home.asterisk("cli", "channel request hangup all")
    until(lambda: not opened(home), 15, "all ended")


def test_a_killed_asterisk(home: House, robots: None, tmp_path: Path) -> None:
    with ExitStack() as stack:
        crowd(home, tmp_path, stack)
        os.kill(home.asterisk_pid, signal.SIGKILL)
    home.asterisk("start", "--trial", "12", "--trial-net", sipp.NET)
    until(lambda: not opened(home), 30, "what died is closed")
    assert shown_talking(home) == set()
    with ExitStack() as stack:
        home.manage("shell", "-c", READY)
        crowd(home, tmp_path / "again", stack)
        true_again(home)


READY = """
from telephony.seats import orders
for n in range(8):
    orders.wait(orders.give("default", "ready", seat=str(9001 + n)))
"""


def test_a_cut_and_a_silent_manager_socket(home: House, robots: None, tmp_path: Path) -> None:
    secret = (home.data / "secrets" / "ami").read_text()
    proxy = Proxy(home.ami)
    home.end("bridge")
    home.extra["HOTLINE_ASTERISK_AMI_URL"] = f"ami://hotline:{secret}@127.0.0.1:{proxy.port}"
    try:
        home.start_bridge()
        with ExitStack() as stack:
            home.manage("shell", "-c", READY)
            crowd(home, tmp_path, stack)
            proxy.cut()
            true_again(home)
            proxy.silent.set()
            hang_up_some(home)
            until(lambda: len(live(home)) == STAY, 40, "six hung up in the silence")
            proxy.silent.clear()
            proxy.cut()
            true_again(home, 25)
    finally:
        home.extra.clear()
        home.end("bridge")
        home.start_bridge()
        proxy.close()
