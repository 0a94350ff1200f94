"""Told to stop while it still prepares, `scripts/up` leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hotline.forked import end_when_told

TOP = Path(__file__).parents[2]
#: what `manage.py up` does while it starts an Asterisk
STARTING = """
import os, signal, sys
from hotline.launch import phone
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
phone._run(sys.argv[1], dict(os.environ))
"""


def ended(pid: int) -> bool:
    """Whether the process is gone; one that nobody has waited for yet counts."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def eventually(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def helper(tmp_path: Path) -> Path:
    """A script whose child writes its number and would run for ten minutes, deaf to SIGTERM like debootstrap."""
    script = tmp_path / "slow"
    script.write_text(
        f"#!/bin/sh\n[ \"$1\" != stop ] || exit 0\ntrap '' TERM\nsleep 600 &\necho $! >{tmp_path}/pid.new\n"
        f"mv {tmp_path}/pid.new {tmp_path}/pid\nwait\n",
        encoding="ascii",
    )
    script.chmod(0o755)
    return script


def test_the_making_of_an_asterisk(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", STARTING, str(helper(tmp_path))]
    environment = os.environ | {"PYTHONPATH": str(TOP)}
    process = subprocess.Popen(argv, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    eventually((tmp_path / "pid").exists)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143
    assert b"Traceback" not in said
    eventually(lambda: ended(int((tmp_path / "pid").read_text(encoding="ascii"))))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_making_of_the_environment(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "work.sh").write_text(
        f"sleep 600 & echo $! >{tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; wait", encoding="ascii"
    )
    code = f". scripts/lib.sh; stoppably bash {tmp_path}/work.sh; echo went on"
    process = subprocess.Popen(
        ["bash", "-c", code], cwd=TOP, stdout=subprocess.PIPE, env=os.environ | {"TERM": "dumb"},
        # a shell cannot trap what was ignored when it began, as SIGINT is in what a script started with "&"
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    eventually((tmp_path / "pid").exists)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 143
    assert out == b""
    eventually(lambda: ended(int((tmp_path / "pid").read_text(encoding="ascii"))))


def test_a_server_that_still_loads_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handlers a forked worker has of its parent are taken off; anybody else's stay."""

    class Server:
        __module__ = "granian.server.common"

        def interrupted(self, number: int, frame: object) -> None: ...

    Server.interrupted.__module__ = Server.__module__
    handlers: dict[int, object] = {signal.SIGTERM: Server().interrupted, signal.SIGINT: signal.default_int_handler}
    monkeypatch.setattr(signal, "getsignal", handlers.get)
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    end_when_told()
    assert handlers == {signal.SIGTERM: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler}


def test_what_fails_is_not_gone_on_from(tmp_path: Path) -> None:
    code = ". scripts/lib.sh; stoppably false; echo went on"
    done = subprocess.run(["bash", "-c", code], cwd=TOP, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
